using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;
using Xunit.Abstractions;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Files that are cut, grow or are written to while they are sent: an error or a warning, and never SIGBUS.</summary>
public class ChangingSentSourceTests(ITestOutputHelper output)
{
    private const int Length = 12 << 20;

    private static readonly CopyMethod[] Methods = [CopyMethod.Auto, CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.Mmap, CopyMethod.ReadWrite];

    [Fact]
    public void A_source_that_becomes_shorter_is_an_error_at_both_ends() => WithEachMethod(scene =>
    {
        for (int i = 0; i < NetworkRepeats.ChangingSources; i++)
        {
            TreeOutcome[] outcomes = scene.SendAndChange(new(), file => file.SetLength(1000 + (i * 4096)));
            Assert.Equal(ErrorKind.SourceTruncated, Sending.ErrorOf(outcomes).Kind);
            Assert.Empty(scene.Receiver.Finished);
        }

        // Cut in the last page, which a mapping would show as zeros.
        TreeOutcome[] last = scene.SendAndChange(new(), file => file.SetLength(Length - 10));
        Assert.Equal(ErrorKind.SourceTruncated, Sending.ErrorOf(last).Kind);
        Assert.Empty(scene.Receiver.Finished);
        scene.Receiver.SendHonestly("honest after");
    });

    [Fact]
    public void A_source_that_grows_arrives_as_long_as_it_was_with_a_warning() => WithEachMethod(scene =>
    {
        TreeOutcome[] outcomes = scene.SendAndChange(new(), file =>
        {
            file.Seek(0, SeekOrigin.End);
            file.Write(Content.Random(100_000, seed: 9));
        });
        FileTransferResult result = Sending.ResultOf(outcomes);
        Assert.True(result.SourceChanged);
        Assert.NotEmpty(result.Warnings);
        Content.AssertSame(scene.Original, scene.Receiver["source"]);
    });

    [Fact]
    public void A_source_that_changes_is_an_error_where_that_was_asked_for() => WithEachMethod(scene =>
    {
        TreeOutcome[] outcomes = scene.SendAndChange(new() { RequireStable = true }, file =>
        {
            file.Seek(0, SeekOrigin.End);
            file.Write([1]);
        });
        Assert.Equal(ErrorKind.SourceChanged, Sending.ErrorOf(outcomes).Kind);
        Assert.Empty(scene.Receiver.Finished);
    });

    /// <summary>Bytes that both ends have already passed: the sender's hash and the receiver's must tell, or agree on what was sent.</summary>
    [Fact]
    public void A_source_that_is_rewritten_never_arrives_as_something_that_was_not_hashed() => WithEachMethod(scene =>
    {
        TreeOutcome[] outcomes = scene.SendAndChange(new(), file =>
        {
            for (int round = 0; round < 5; round++)
            {
                for (int at = 0; at < Length; at += 64 * 1024)
                {
                    file.Seek(at, SeekOrigin.Begin);
                    file.WriteByte((byte)round);
                }

                file.Flush();
            }
        });
        if (outcomes.Any(outcome => outcome.Error is not null))
        {
            output.WriteLine(Sending.Text(outcomes));
            Assert.Contains(Sending.ErrorOf(outcomes).Kind, (ErrorKind[])[ErrorKind.VerificationFailed, ErrorKind.SourceChanged]);
            Assert.False(File.Exists(scene.Receiver["source"]));
            return;
        }

        FileTransferResult result = Sending.ResultOf(outcomes);
        Assert.True(result.SourceChanged);
        Assert.Equal(Content.HashOf(scene.Receiver["source"]), result.Hash, ignoreCase: true);
    });

    /// <summary>All of them at once, since they are sent slowly on purpose.</summary>
    private static void WithEachMethod(Action<Scene> test)
    {
        Aside[] asides = [.. Methods.Select(method => Aside.Run(() =>
        {
            using Scene scene = new(method);
            test(scene);
        }))];
        string[] failures = [.. asides.Select((aside, i) => aside.End() is { } error ? $"{Methods[i]}: {error}" : string.Empty).Where(text => text.Length > 0)];
        Assert.True(failures.Length == 0, string.Join('\n', failures));
    }

    /// <summary>A receiver, and a source that is sent slowly enough to be changed in the middle.</summary>
    private sealed class Scene(CopyMethod method) : IDisposable
    {
        private readonly TempDirectory _folder = new(Place.Memory);

        internal RunningReceiver Receiver { get; } = new();

        internal byte[] Original { get; } = Content.Random(Length, seed: 3);

        internal TreeOutcome[] SendAndChange(SendOptions options, Action<FileStream> change)
        {
            string source = _folder.Write("source", Original);
            bool changed = false;
            TreeOutcome[] outcomes = Sending.Run(
                Receiver.ConnectionString,
                Receiver.Key,
                options with { Method = method, BandwidthLimit = Length },
                progress =>
                {
                    if (changed || progress.BytesDone is 0 or > Length * 3 / 4)
                        return;
                    changed = true;
                    using FileStream file = new(source, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                    change(file);
                },
                default,
                source);
            Assert.True(changed, $"It was sent before it could be changed: {Sending.Text(outcomes)}");
            return outcomes;
        }

        public void Dispose()
        {
            Receiver.Dispose();
            _folder.Dispose();
        }
    }
}
