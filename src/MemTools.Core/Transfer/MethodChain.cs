using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Methods;

namespace MemTools.Transfer;

/// <summary>
/// The methods of a session in the order in which they are tried, and what is already known of them: a refusal that
/// holds for a pair of file systems is remembered, so that ten thousand files do not ask ten thousand times.
/// </summary>
internal sealed class MethodChain : IDisposable
{
    private static readonly CopyMethod[] AutoOrder =
    [
        CopyMethod.Reflink, CopyMethod.CopyFileRange, CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.ReadWrite,
    ];

    private readonly ICopyMethod[] _methods;

    /// <summary>Pairs of file systems are few, and a first copy would compile a dictionary of them for one look.</summary>
    private readonly List<Known> _known = [];

    /// <param name="requested">The only method, or Auto.</param>
    /// <param name="autoOrder">What Auto tries; null for the order that suits files.</param>
    internal MethodChain(CopyMethod requested, CopyMethod[]? autoOrder = null)
    {
        CopyMethod[] order = requested == CopyMethod.Auto ? autoOrder ?? AutoOrder : [requested];
        _methods = Array.ConvertAll(order, Create);
    }

    /// <summary>Begins with the first method that is not known to be refused between two devices.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal Attempt Begin(ulong sourceDevice, ulong destinationDevice)
    {
        foreach (Known known in _known)
        {
            if (known.Source == sourceDevice && known.Destination == destinationDevice)
                return new(this, known);
        }

        return new(this, new(sourceDevice, destinationDevice));
    }

    /// <summary>Begins with the first method, whatever was refused before, and remembers nothing.</summary>
    internal Attempt Begin() => new(this, null);

    public void Dispose()
    {
        foreach (ICopyMethod method in _methods)
            method.Dispose();
    }

    internal static ICopyMethod Create(CopyMethod kind) => kind switch
    {
        CopyMethod.Reflink => new ReflinkMethod(),
        CopyMethod.CopyFileRange => new CopyFileRangeMethod(),
        CopyMethod.Sendfile => new SendfileMethod(),
        CopyMethod.Splice => new SpliceMethod(),
        CopyMethod.Mmap => new MmapMethod(),
        CopyMethod.DirectIO => new DirectIOMethod(),
        CopyMethod.ReadWrite => new ReadWriteMethod(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a method of its own."),
    };

    /// <summary>What holds from one device to another: the first method to try, and those before it.</summary>
    internal sealed class Known(ulong source, ulong destination)
    {
        internal ulong Source => source;

        internal ulong Destination => destination;

        internal int First { get; set; }

        internal ResultList<Refusal> Refused { get; set; } = ResultList<Refusal>.None;
    }

    /// <summary>One file's way along the chain.</summary>
    internal sealed class Attempt
    {
        private readonly MethodChain _chain;
        private readonly Known? _known;
        private int _index;
        private bool _allHoldForPair = true;

        internal Attempt(MethodChain chain, Known? known)
        {
            _chain = chain;
            _known = known;
            _index = known?.First ?? 0;
            Refused = known?.Refused ?? ResultList<Refusal>.None;
        }

        internal ICopyMethod Current => _chain._methods[_index];

        internal bool IsLast => _index == _chain._methods.Length - 1;

        /// <summary>The methods passed over so far.</summary>
        internal ResultList<Refusal> Refused { get; private set; }

        /// <summary>Takes note of a refusal by the kernel, and goes on to the next method if there is one.</summary>
        internal bool Refuse(CallFailure failure)
        {
            string reason = failure.Reason ?? Refusals.Explain(Current.Kind, failure.Errno);
            bool lasting = failure.Reason is null && Refusals.HoldsForFileSystems(failure.Errno);
            return Next(new(Current.Kind, failure.Call!, failure.Errno.ToString(), reason), lasting);
        }

        /// <summary>Takes note that the task itself rules a method out.</summary>
        internal bool Refuse(string reason) =>
            Next(new(Current.Kind, string.Empty, string.Empty, reason), lasting: false);

        private bool Next(Refusal refusal, bool lasting)
        {
            Refused = new([.. Refused, refusal]);
            if (IsLast)
                return false;
            _index++;
            _allHoldForPair &= lasting;
            if (_allHoldForPair && _known is not null)
                Remember(_known);
            return true;
        }

        private void Remember(Known known)
        {
            if (known.First == 0)
                _chain._known.Add(known);
            (known.First, known.Refused) = (_index, Refused);
        }
    }
}
