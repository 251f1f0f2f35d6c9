using System.Text.Json;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Tests.Client;
using Estream.Marketplace.Trust.Bundles;
using Estream.Testing;
using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Verifies the origin of a package from files alone, and whether a workspace matches its lock.</summary>
public sealed class MarketplaceVerifyTests : IDisposable
{
    private const string Strace = "/usr/bin/strace";
    private const string Unshare = "/usr/bin/unshare";

    private readonly MarketplaceData _data = new();

    private string Root => _data.Combine("workspace", "root.json");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_package_verifies_with_a_separate_and_an_embedded_bundle()
    {
        await _data.PublishAsync(Card("1.0.0", "network"), Iot());
        (string package, string bundle) = Carry();
        CliResult text = await _data.RunAsync(["verify", package, "--offline", "--root", Root]);
        Assert.Equal((ExitCode.Ok, ""), (text.Code, text.Error));
        Assert.StartsWith("@acme/card 1.0.0 is verified as published by its owners, as of 2023-11-14 22:13 UTC", text.Output,
            StringComparison.Ordinal);
        Assert.Contains("    registry   components.example/main", text.Lines);
        Assert.Contains("    permission network", text.Lines);

        JsonElement json = Json(await _data.RunAsync("verify", bundle, "--offline", "--json"));
        Assert.Equal(("verified", "@acme/card", "1.0.0", 1),
            (json.GetProperty("status").GetString(), json.GetProperty("name").GetString(), json.GetProperty("version").GetString(),
                json.GetProperty("logIndex").GetInt32()));
        Assert.Equal(64, Assert.Single(json.GetProperty("signers").EnumerateArray()).GetString()!.Length);
    }

    [Fact]
    public async Task A_package_that_is_old_damaged_or_of_another_registry_is_rejected()
    {
        await _data.PublishAsync(Card(), Iot());
        (string package, string bundle) = Carry();
        _data.Manual.Pass(TimeSpan.FromDays(40));
        (await _data.RunAsync("verify", package, "--offline")).AssertFailed(ExitCode.No, "960 hours ago; the maximum age is 720 hours",
            $"The root of its files is {await RootAsync()}.");
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("verify", package, "--offline", "--max-age", "41d")).Code);
        Assert.Equal("refused",
            Json(await _data.RunAsync("verify", package, "--offline", "--max-age", "12h", "--json"), ExitCode.No).GetProperty("status")
                .GetString());
        _data.Manual.Pass(TimeSpan.FromDays(-40));

        using PublishedRegistry other = PublishedRegistry.Create(_data.Clock, "evil.example/main");
        await File.WriteAllBytesAsync(_data.Combine("other.json"), other.RootFile);
        (await _data.RunAsync("verify", package, "--root", _data.Combine("other.json"))).AssertFailed(ExitCode.No, "is rejected",
            "Do not install it");

        byte[] bytes = await File.ReadAllBytesAsync(package);
        bytes[^2000] ^= 1;
        await File.WriteAllBytesAsync(package, bytes);
        (await _data.RunAsync("verify", package, "--offline")).AssertFailed(ExitCode.No, "Do not install it");
        File.Delete(Path.ChangeExtension(package, ".escb"));
        (await _data.RunAsync("verify", package)).AssertFailed(ExitCode.Failed, "Name it with --bundle");
        (await _data.RunAsync("verify", bundle + "x")).AssertFailed(ExitCode.Failed, bundle + "x");
        (await _data.RunAsync("verify", "--offline")).AssertFailed(ExitCode.Failed, "--offline and --root require FILE.");
    }

    [Fact]
    public async Task A_package_of_an_untrusted_scope_is_rejected()
    {
        await _data.PublishAsync(Card(), Iot());
        (string package, string bundle) = Carry();
        string text = await File.ReadAllTextAsync(_data.ManifestPath);
        await File.WriteAllTextAsync(_data.ManifestPath, text.Replace("\"@acme\" = ", "\"@other\" = ", StringComparison.Ordinal));
        foreach (string[] args in new string[][] { [package], [bundle], [package, "--offline"] })
        {
            (await _data.RunAsync("verify", args)).AssertFailed(ExitCode.No, "names no registry for the scope '@acme'",
                "so the release is not trusted");
        }
    }

    [Fact]
    public async Task A_package_from_another_registry_than_that_of_its_scope_is_rejected()
    {
        await _data.PublishAsync(Card(), Iot());
        (string package, _) = Carry();
        using PublishedRegistry other = PublishedRegistry.Create(_data.Clock, "evil.example/main");
        await File.WriteAllBytesAsync(_data.Combine("workspace", "other.json"), other.RootFile);
        string text = await File.ReadAllTextAsync(_data.ManifestPath);
        await File.WriteAllTextAsync(_data.ManifestPath,
            text.Replace("\"@acme\" = \"directory:../registry\"", "\"@acme\" = \"directory:../other\"", StringComparison.Ordinal)
                .Replace("\"@acme\" = \"root.json\"", "\"@acme\" = \"other.json\"", StringComparison.Ordinal));
        (await _data.RunAsync("verify", package, "--offline")).AssertFailed(ExitCode.No, "is rejected", "Do not install it");
    }

    [Fact]
    public async Task Verify_without_offline_asks_the_registry_for_revocations()
    {
        await _data.PublishAsync(Card(), Iot());
        (string package, _) = Carry();
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("verify", package)).Code);
        await _data.Place.YankAsync(ComponentName.Parse("@acme/card"), SemanticVersion.Parse("1.0.0"), "It loses messages.",
            CancellationToken.None);
        await _data.Registry.SayAsync(_data.Place);
        (await _data.RunAsync("verify", package)).AssertFailed(ExitCode.No, "was yanked: It loses messages.");
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("verify", package, "--offline")).Code);
    }

    [Fact]
    public async Task An_expired_state_of_the_registry_is_refused_by_install_and_verify()
    {
        await _data.PublishAsync(Card(), Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "@acme/card", "--yes")).Code);
        string root = await RootAsync();
        byte[] before = await File.ReadAllBytesAsync(_data.LockPath);
        _data.Manual.Pass(TimeSpan.FromDays(2));

        (await _data.RunAsync("install", "esf-iot", "--yes")).AssertFailed(ExitCode.No, "timestamp.json: it expired at 2023-11-15");
        Assert.Equal(before, await File.ReadAllBytesAsync(_data.LockPath));
        CliResult verified = await _data.RunAsync("verify");
        Assert.Equal((ExitCode.No, 2), (verified.Code, verified.Lines.Length));
        Assert.Matches($"^@acme/card 1.0.0  REFUSED: .*timestamp.json: it expired at .* The root of its files is {root}\\.$",
            verified.Lines[0]);
    }

    [Fact]
    public async Task Verify_checks_everything_in_the_lock_of_a_workspace()
    {
        await _data.PublishAsync(Card("1.0.0", "network"), Iot());
        await _data.RunAsync("install", "@acme/card", "--yes");
        CliResult right = await _data.RunAsync("verify");
        Assert.Equal(
            (ExitCode.Ok,
                "@acme/card 1.0.0  verified, from components.example/main\nesf-iot 1.2.0  verified, from components.example/main\n"),
                    (right.Code, right.Output));
        string text = await File.ReadAllTextAsync(_data.LockPath);
        await File.WriteAllTextAsync(_data.LockPath,
            text.Replace("\"permissions\":[\"network\"]", "\"permissions\":[]", StringComparison.Ordinal));
        CliResult wrong = await _data.RunAsync("verify", "--json");
        Assert.Equal((ExitCode.No, 2), (wrong.Code, wrong.Lines.Length));
        Assert.Contains("is not the release in", JsonDocument.Parse(wrong.Lines[0]).RootElement.GetProperty("message").GetString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("escx", "gone", "has no file")]
    [InlineData("escx", "damaged", "is not valid")]
    [InlineData("escx", "grown", "has more than the")]
    [InlineData("escb", "gone", "has no file")]
    [InlineData("escb", "damaged", "Do not install it")]
    public async Task A_fault_in_one_component_does_not_stop_the_verification_of_others(string ending, string how, string part)
    {
        await _data.PublishAsync(Card(), Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "@acme/card", "--yes")).Code);
        string file = Assert.Single(Directory.GetFiles(_data.Combine("registry"), $"1.0.0.{ending}", SearchOption.AllDirectories));
        byte[] bytes = await File.ReadAllBytesAsync(file);
        File.Delete(file);
        if (how != "gone")
        {
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, how == "grown" ? [.. bytes, .. bytes] : bytes);
        }

        CliResult text = await _data.RunAsync("verify");
        Assert.Equal((ExitCode.No, "", 2), (text.Code, text.Error, text.Lines.Length));
        Assert.StartsWith("@acme/card 1.0.0  REFUSED: ", text.Lines[0], StringComparison.Ordinal);
        Assert.Contains(part, text.Lines[0], StringComparison.Ordinal);
        Assert.Equal("esf-iot 1.2.0  verified, from components.example/main", text.Lines[1]);
        CliResult json = await _data.RunAsync("verify", "--json");
        Assert.Equal(ExitCode.No, json.Code);
        Assert.Equal(["refused", "verified"],
            json.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Every_component_of_a_registry_that_fails_verification_is_rejected()
    {
        await _data.PublishAsync(Card(), Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "@acme/card", "--yes")).Code);
        (string package, _) = Carry();
        Directory.Delete(_data.Combine("registry", "roles"), recursive: true);
        CliResult text = await _data.RunAsync("verify");
        Assert.Equal((ExitCode.No, "", 2), (text.Code, text.Error, text.Lines.Length));
        Assert.All(text.Lines, line => Assert.Contains("  REFUSED: The registry components.example/main", line, StringComparison.Ordinal));
        Assert.Equal("refused", Json(await _data.RunAsync("verify", package, "--json"), ExitCode.No).GetProperty("status").GetString());
    }

    [NetworkNamespaceFact]
    public async Task The_program_verifies_and_rejects_without_a_network()
    {
        using MarketplaceData now = new(SystemClock.Instance);
        await now.PublishAsync(Card(), Iot());
        (string package, string bundle) = Carry(now);
        string[] away = ["--net", "--"];
        ProcessResult Run(string file) => ChildProcess.Run(
            Peer.Require(Unshare, "util-linux"),
            [.. away, "dotnet", BuiltProgram.Cli, "marketplace", "verify", file, "--offline", "--max-age", "30d", "--root",
                now.Combine("workspace", "root.json")]);
        Assert.DoesNotContain("\t",
            ChildProcess.Run(Peer.Require(Unshare, "util-linux"), [.. away, "sed", "1d", "/proc/net/route"]).EnsureSuccess().Output,
            StringComparison.Ordinal);
        foreach (string file in (string[])[package, bundle])
        {
            Assert.StartsWith("@acme/card 1.0.0 is verified as published by its "
                + "owners", Run(file).EnsureSuccess().Output, StringComparison.Ordinal);
            byte[] bytes = await File.ReadAllBytesAsync(file);
            bytes[^1500] ^= 1;
            await File.WriteAllBytesAsync(file, bytes);
            ProcessResult forged = Run(file);
            Assert.Equal((ExitCode.No, ""), (forged.ExitCode, forged.Output));
            Assert.Contains("Do not install it", forged.Error, StringComparison.Ordinal);
        }

        // The root file is that of another registry, whose own signatures are correct.
        using PublishedRegistry strangers = PublishedRegistry.Create(SystemClock.Instance);
        await File.WriteAllBytesAsync(now.Combine("workspace", "root.json"), strangers.RootFile);
        (package, _) = Carry(now);
        ProcessResult strange = Run(package);
        Assert.Equal((ExitCode.No, ""), (strange.ExitCode, strange.Output));
        Assert.Contains("is rejected", strange.Error, StringComparison.Ordinal);
    }

    [PeerFact(Strace, "strace")]
    public async Task Offline_opens_no_network_socket()
    {
        using MarketplaceData now = new(SystemClock.Instance);
        await now.PublishAsync(Card(), Iot());
        string trace = now.Combine("trace"), package = Carry(now).Package;
        string[] command =
            ["marketplace", "verify", package, "--offline", "--max-age", "30d", "--root", now.Combine("workspace", "root.json")];
        ProcessResult result = ChildProcess.Run(
            Strace, ["-f", "-e", "trace=socket,connect,sendto", "-o", trace, "dotnet", BuiltProgram.Cli, .. command],
            environment: new Dictionary<string, string?> { ["DOTNET_EnableDiagnostics"] = "0" }).EnsureSuccess();
        Assert.Contains("is verified as published by its owners", result.Output, StringComparison.Ordinal);
        string calls = await File.ReadAllTextAsync(trace);
        Assert.Contains("exited with 0", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("AF_INET", calls, StringComparison.Ordinal);
    }

    private async Task<string> RootAsync() =>
        Assert.Single(await _data.Place.ListAsync(ComponentName.Parse("@acme/card"), CancellationToken.None)).Root256;

    private (string Package, string Bundle) Carry() => Carry(_data);

    // Writes the package with a separate bundle, and a file that contains both. Returns the paths of the package and of that file.
    private static (string Package, string Bundle) Carry(MarketplaceData data)
    {
        string package = data.Combine("card.escx"), bundle = data.Combine("card-whole.escb");
        File.Copy(data.Combine("registry", "packages", "@acme", "card", "1.0.0.escx"), package, overwrite: true);
        File.Copy(data.Combine("registry", "bundles", "@acme", "card", "1.0.0.escb"), data.Combine("card.escb"), overwrite: true);
        Assert.True(ComponentBundle.TryRead(File.ReadAllBytes(data.Combine("card.escb")), out ComponentBundle? read, out _));
        File.WriteAllBytes(bundle, read.WithPackage(File.ReadAllBytes(package)).Encode());
        return (package, bundle);
    }

    private static JsonElement Json(CliResult result, int code = ExitCode.Ok)
    {
        Assert.Equal(code, result.Code);
        return JsonDocument.Parse(Assert.Single(result.Lines)).RootElement;
    }
}
