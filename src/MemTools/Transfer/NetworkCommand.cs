using System.Management.Automation;
using System.Security;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer.Network;

namespace MemTools.Commands;

/// <summary>What the commands share that work between hosts: the key, and sockets that the caller already has.</summary>
public abstract class NetworkCommand : FilesCommand
{
    /// <summary>The parameter set of -Socket.</summary>
    protected const string SocketSet = "Socket";

    private static readonly string[] KeyParameters = [nameof(Key), nameof(KeyPath)];

    /// <summary>The key that both ends share.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? Key { get; set; }

    /// <summary>A file with the key, which nobody else may read.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    /// <summary>Seconds of silence after which a connection is given up.</summary>
    [Parameter]
    [ValidateRange(1.0, 2_147_483.0)]
    public double IdleTimeoutSec { get; set; } = 60;

    /// <summary>The time of -IdleTimeoutSec.</summary>
    private protected TimeSpan IdleTime => TimeSpan.FromSeconds(IdleTimeoutSec);

    /// <summary>Whether the user gave a parameter.</summary>
    private protected bool IsGiven(string name) => MyInvocation.BoundParameters.ContainsKey(name);

    /// <summary>The key of -Key, -KeyPath or, where that is wanted, the environment; null where there is none.</summary>
    private protected TransferKey? ReadKey(bool fromEnvironment)
    {
        if (Key is not null && KeyPath is not null)
            throw new ArgumentException("-Key and -KeyPath contradict each other: there is one key.");
        if (Key is not null)
            return TransferKey.FromSecureString(Key);
        if (KeyPath is not null)
            return TransferKey.FromFile(Paths.Literal(KeyPath));
        return fromEnvironment ? TransferKey.FromEnvironment() : null;
    }

    /// <summary>Refuses what raw bytes cannot have.</summary>
    /// <param name="names">The command's own parameters that need the protocol.</param>
    private protected void RefuseProtocolParameters(params string[] names)
    {
        if (Array.Find([.. KeyParameters, .. names], IsGiven) is { } name)
            throw new ArgumentException($"-{name} belongs to the protocol of MemTools, and -Socket moves raw bytes without one.");
    }

    /// <summary>Does what ends the command where it fails.</summary>
    private protected T OrEnd<T>(object? target, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            ThrowTerminatingError(ErrorRecords.From(e, target));
            throw;
        }
        catch (Exception e) when (e is ArgumentException || IsMisuse(e))
        {
            ThrowTerminatingError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), target));
            throw;
        }
    }
}
