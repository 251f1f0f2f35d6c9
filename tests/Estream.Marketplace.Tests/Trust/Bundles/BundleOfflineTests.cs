using Estream.Core;
using Estream.Marketplace.Trust.Bundles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Bundles;

/// <summary>Verifies a bundle without a network: in a network namespace without an active interface, and without a socket call.</summary>
public sealed class BundleOfflineTests
{
    private const string Unshare = "/usr/bin/unshare";
    private const string Strace = "/usr/bin/strace";

    [NetworkNamespaceFact]
    public async Task A_bundle_verifies_in_an_empty_network_namespace()
    {
        using TempDirectory folder = new();
        string[] arguments = await WriteAsync(folder);
        ProcessResult result = ChildProcess.Run(Peer.Require(Unshare, "util-linux"), ["--net", "--", "dotnet", .. arguments, "probe"])
            .EnsureSuccess();
        Assert.Contains("network: NetworkUnreachable", result.Output, StringComparison.Ordinal);
        Assert.Contains("accepted @acme/card 1.0.0", result.Output, StringComparison.Ordinal);

        // An invalid bundle is rejected in the same namespace, so the verifier does not accept every bundle there.
        byte[] bundle = await File.ReadAllBytesAsync(arguments[2]);
        bundle[^200] ^= 1;
        await File.WriteAllBytesAsync(arguments[2], bundle);
        Assert.Contains("refused",
            ChildProcess.Run(Peer.Require(Unshare, "util-linux"), ["--net", "--", "dotnet", .. arguments, "probe"]).Output,
            StringComparison.Ordinal);
    }

    [PeerFact(Strace, "strace")]
    public async Task Verification_opens_no_network_socket()
    {
        using TempDirectory folder = new();
        string trace = folder.Combine("trace");
        string[] arguments = await WriteAsync(folder);
        ChildProcess.Run(Strace, ["-f", "-e", "trace=socket,connect,sendto", "-o", trace, "dotnet", .. arguments],
            environment: new Dictionary<string, string?> { ["DOTNET_EnableDiagnostics"] = "0" }).EnsureSuccess();
        string calls = await File.ReadAllTextAsync(trace);
        Assert.Contains("exited with 0", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("AF_INET", calls, StringComparison.Ordinal);
    }

    private static async Task<string[]> WriteAsync(TempDirectory folder)
    {
        using BundleRig rig = new();
        rig.Clock.UtcNanos = SystemClock.Instance.UtcNanos;
        rig.Expires = rig.Clock.Now.AddDays(1);
        string bundle = folder.Combine("card.escb");
        await File.WriteAllBytesAsync(bundle, (await rig.BuildAsync()).WithPackage(BundleRig.Package()).Encode());
        string keys = folder.Combine("keys");
        await File.WriteAllLinesAsync(keys,
            [.. rig.NoteKeys.Select(key => key.ToString()),
                .. new[] { rig.Trust.Snapshot, rig.Trust.Timestamp, rig.Trust.Targets }.Select(role =>
                    Convert.ToBase64String(role.Keys[0].MlDsa87.PublicKey.Span))]);
        return [BuiltProgram.Find("tests/Estream.Marketplace.TestProcess", "Estream.Marketplace.TestProcess.dll"), "verify", bundle, keys];
    }
}
