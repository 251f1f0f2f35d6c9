using System.Diagnostics;
using System.Globalization;
using Estream.Crypto;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A process that creates one signature, and prints the time from its first line to the signature. It uses the ReadyToRun
/// images of the libraries, as the host and the command line do.</summary>
internal static class FirstSigner
{
    public const string Role = "--first-signature";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    // Without a .deps.json file, a program finds the libraries in its own directory.
    private static readonly string[] s_own = ["Estream.Scenarios.dll", "Estream.Scenarios.runtimeconfig.json"];
    private static readonly string[] s_images = ["Estream.Core.dll", "Estream.Crypto.dll"];

    /// <summary>Copies the program, and the images of the command line, into a directory.</summary>
    /// <returns>The path of the copy.</returns>
    public static string CopyTo(string directory)
    {
        string images = Path.GetDirectoryName(BuiltProgram.Find("Estream.Cli", "estream.dll"))!;
        foreach ((string from, string file) in s_own.Select(file => (AppContext.BaseDirectory, file)).Concat(
            s_images.Select(file => (images, file))))
        {
            File.Copy(Path.Combine(from, file), Path.Combine(directory, file));
        }

        return Path.Combine(directory, s_own[0]);
    }

    /// <summary>Starts a process, and returns how long it took.</summary>
    /// <param name="program">The result of <see cref="CopyTo"/>.</param>
    public static long Nanos(string program)
    {
        using var child = new ChildProcess(SelfProcess.Start(new ProcessStartInfo("dotnet", [program, Role])),
            "the process that makes its first signature");
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
