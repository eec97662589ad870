using System.Management.Automation;
using System.Reflection;
using System.Reflection.Emit;

namespace MemTools.Commands;

/// <summary>
/// PowerShell wraps each object that comes down a pipeline: a number of 24 bytes becomes three objects of some 180. Where a
/// wrapper says nothing of a number or a text but what it wraps, a ring or queue that keeps the number alone keeps all there is, and the
/// wrapper is garbage at once, where the collector would have moved it once and again.
/// </summary>
/// <remarks>
/// What scripts add (Add-Member, PSTypeNames), and what PowerShell notes (where text came from, what was deserialised), is in
/// fields that PowerShell does not show, or in its tables, which are by the object that is wrapped. So the fields are looked at:
/// every one of them has to be as it is in a new wrapper, but those that say what is wrapped, and those that only remember what
/// was once looked up. A field that a later PowerShell has more is one that has to be so too; where it cannot be looked at, no
/// wrapper is taken off.
/// </remarks>
internal static class BareWrapper
{
    /// <summary>What is wrapped and where its types are looked up, a lock, and what is made anew when somebody asks.</summary>
    private static readonly string[] OfEach =
        ["_immediateBaseObject", "_typeTable", "_lockObject", "_adapterSet", "_members", "_properties", "_methods"];

    private static readonly Func<PSObject, bool>? SaysMore = Compile();

    /// <summary>The number or text alone, if its wrapper says no more of it; else the object as it is.</summary>
    internal static object? Off(object? item) =>
        item is PSObject { ImmediateBaseObject: ValueType or string } wrapper && SaysMore is { } saysMore && !saysMore(wrapper)
            ? wrapper.ImmediateBaseObject
            : item;

    /// <summary>Whether one of the fields is not null, zero or false. Reflection at each call would take longer than the wrapper costs.</summary>
    private static Func<PSObject, bool>? Compile()
    {
        FieldInfo[] fields = [.. typeof(PSObject).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(field => !OfEach.Contains(field.Name))];
        if (!fields.All(CanBeAsked))
            return null;
        DynamicMethod method = new("SaysMore", typeof(bool), [typeof(PSObject)], typeof(PSObject), skipVisibility: true);
        ILGenerator code = method.GetILGenerator();
        Label more = code.DefineLabel();
        foreach (FieldInfo field in fields)
        {
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldfld, field);
            code.Emit(OpCodes.Brtrue, more);
        }

        code.Emit(OpCodes.Ldc_I4_0);
        code.Emit(OpCodes.Ret);
        code.MarkLabel(more);
        code.Emit(OpCodes.Ldc_I4_1);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<PSObject, bool>>();
    }

    /// <summary>Whether one instruction tells if it is zero.</summary>
    private static bool CanBeAsked(FieldInfo field) =>
        !field.FieldType.IsValueType || field.FieldType.IsEnum || (field.FieldType.IsPrimitive && field.FieldType != typeof(float) && field.FieldType != typeof(double));
}
