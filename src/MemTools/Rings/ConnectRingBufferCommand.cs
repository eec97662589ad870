using System.Diagnostics;
using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Commands;

/// <summary>Connect-RingBuffer: joins a byte ring that another process made.</summary>
[Cmdlet(VerbsCommunications.Connect, "RingBuffer")]
[OutputType(typeof(ByteRing))]
public sealed class ConnectRingBufferCommand : RingBufferCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>The name of the ring.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SharedRingNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>How long to wait until there is a ring of that name, in seconds.</summary>
    [Parameter]
    [ValidateRange(0, LongestTimeout)]
    public double TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
            Try(() => name, () => WriteObject(Connect(name)));
    }

    private ByteRing Connect(string name)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            Interruption.Token.ThrowIfCancellationRequested();
            try
            {
                return SharedRing.Connect(name);
            }
            catch (MemToolsException e) when (e.Kind == ErrorKind.NotFound && Stopwatch.GetElapsedTime(start).TotalSeconds < TimeoutSec)
            {
                Interruption.Token.WaitHandle.WaitOne(LookEvery);
            }
        }
    }
}
