using System.Diagnostics;
using System.Globalization;
using Estream.Crypto;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A process that creates one signature, and prints the time from its first line to the signature; nothing was compiled
/// before.</summary>
internal static class FirstSigner
{
    public const string Role = "--first-signature";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <summary>Starts a process, and returns how long it took.</summary>
    public static long Nanos()
    {
        using var child = new ChildProcess(SelfProcess.Start(Role), "the process that makes its first signature");
        return long.Parse(child.Receive(s_limit), CultureInfo.InvariantCulture);
    }

    /// <summary>The child side: <c>--first-signature</c>.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 0)
        {
            throw new ScenarioException($"{Role} is reserved for the harness and has no arguments");
        }

        long before = Stopwatch.GetTimestamp();
        byte[] seed = new byte[MlDsa87.SeedBytes], data = new byte[SignatureWorkload.DataBytes],
        signature = new byte[MlDsa87.SignatureBytes];
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(seed);
        key.Sign(data, SignatureSlots.Context, signature);
        long nanos = RoundTimer.NanosOf(Stopwatch.GetTimestamp() - before);
        Console.WriteLine(nanos.ToString(CultureInfo.InvariantCulture));
        return key.PublicKey.Verify(data, SignatureSlots.Context, signature) ? 0 : 1;
    }
}
