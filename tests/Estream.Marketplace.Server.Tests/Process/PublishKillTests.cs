using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf.Schema;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Server.Tests.Support;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Testing;

namespace Estream.Marketplace.Server.Tests.Process;

/// <summary>Kills the server while authors publish. Nothing that it acknowledged is lost, the log opens, and a rebuilt catalogue equals the
/// one of the server.</summary>
public sealed class PublishKillTests
{
    private const int Authors = 3;

    private static readonly NamespaceName s_acme = NamespaceName.Of(ComponentName.Parse("@acme/card"));

    [Fact]
    public async Task A_killed_server_loses_nothing_that_it_acknowledged()
    {
        using TempDirectory root = new();
        using DocumentSigner owner = DocumentSigner.Generate();
        string token = await CreateAsync(root, owner);
        HashSet<string> acknowledged = [];
        Random random = new(20_261_201);
        KillRounds rounds = new(LongRun.Count(10, 200));
        for (int round = 0; !rounds.AreOver; round++)
        {
            using HostProcess host = Start(root).WaitUntilReady();
            await RequireAllAsync(host, acknowledged);
            using CancellationTokenSource end = new();
            int before = acknowledged.Count;
            Task[] authors = [.. Enumerable.Range(0, Authors).Select(author =>
                PublishAsync(host, owner, token, $"@acme/r{round}-a{author}", acknowledged, end.Token))];
            await Task.Delay(random.Next(500, 4_000));
            host.Process.Kill();
            await end.CancelAsync();
            await Task.WhenAll(authors);
            rounds.Add(acknowledged.Count > before);
        }

        using (HostProcess host = Start(root).WaitUntilReady())
        {
            await RequireAllAsync(host, acknowledged);
            string served = CatalogRows.Read(root.Combine("marketplace.db"));
            using HttpClient client = ClientOf(host, token);
            using HttpResponseMessage rebuilt = await client.PostAsync("/cp/api/v1/admin/marketplace/reindex", null);
            Assert.Equal(HttpStatusCode.OK, rebuilt.StatusCode);
            Assert.Equal(served, CatalogRows.Read(root.Combine("marketplace.db")));
        }

        await RequireLoggedAsync(root, acknowledged);
    }

    private static async Task<string> CreateAsync(TempDirectory root, DocumentSigner owner)
    {
        string folder = root.Combine("registry");
        _ = await RegistryInitializer.CreateAsync(folder, MarketplaceRig.RegistryName, SystemClock.Instance, CancellationToken.None);
        File.WriteAllText(Path.Combine(folder, "publishing.json"), """{"releasesADay":10000}""");
        using RegistryOperator registry = await RegistryOperator.OpenAsync(folder, SystemClock.Instance, CancellationToken.None);
        _ = await registry.SubmitAsync(
            new NamespaceRecord(s_acme, 1, [owner.Key], 1, DateTimeOffset.UtcNow.AddYears(1)).Sign(owner).ToJson(), CancellationToken.None);
        File.WriteAllText(root.Combine("estream.json"), JsonSerializer.Serialize(new
        {
            Estream = new { Marketplace = new { Registry = folder, SubmissionsPerMinute = "100000" } },
        }));
        Directory.CreateDirectory(root.Combine("data"));
        return AccessTokenFile.Create(root.Combine("data", "tokens"), "author", AccessRole.Viewer, TimeSpan.FromDays(1),
            DateTimeOffset.UtcNow, null, AccessGrants.Create(["registrar:@acme", "governance"]));
    }

    private static HostProcess Start(TempDirectory root) =>
        HostProcess.Start(root.Combine("data"), configFile: root.Combine("estream.json"));

    private static HttpClient ClientOf(HostProcess host, string token) => new()
    {
        BaseAddress = new Uri(host.Address), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    private static async Task PublishAsync(HostProcess host, DocumentSigner owner, string token, string name, HashSet<string> acknowledged,
        CancellationToken cancellation)
    {
        using HttpClient client = ClientOf(host, token);
        string? before = null;
        for (int version = 0; !cancellation.IsCancellationRequested; version++)
        {
            SignedRelease release = SignedRelease.Sign(Samples.Theme($"1.{version}.0", name), before, null, owner);
            before = release.Statement.Digest();
            try
            {
                using HttpResponseMessage answer = await client.PostAsync("/api/v1/marketplace/themes/items",
                    MarketplaceRig.Form(release.Bytes, release.Entry), cancellation);
                string text = await answer.Content.ReadAsStringAsync(cancellation);
                Assert.True(answer.StatusCode == HttpStatusCode.Created || cancellation.IsCancellationRequested,
                    $"{(int)answer.StatusCode} {text}");
                lock (acknowledged)
                {
                    acknowledged.Add($"{name} 1.{version}.0");
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
            {
                return;
            }
        }
    }

    private static async Task RequireAllAsync(HostProcess host, HashSet<string> acknowledged)
    {
        using HttpClient client = new() { BaseAddress = new Uri(host.Address) };
        foreach (IGrouping<string, string> component in acknowledged.GroupBy(one => one.Split(' ')[0]))
        {
            using JsonDocument detail = JsonDocument.Parse(await client.GetByteArrayAsync(
                $"/api/v1/marketplace/themes/items/{component.Key[1..].Replace("/", "--", StringComparison.Ordinal)}"));
            HashSet<string> there = [.. detail.RootElement.GetProperty("versions").EnumerateArray()
                .Select(one => $"{component.Key} {one.GetProperty("version").GetString()}")];
            Assert.Empty(component.Except(there));
        }
    }

    private static async Task RequireLoggedAsync(TempDirectory root, HashSet<string> acknowledged)
    {
        using RegistryOperator registry =
            await RegistryOperator.OpenAsync(root.Combine("registry"), SystemClock.Instance, CancellationToken.None);
        foreach (string release in acknowledged)
        {
            ComponentName name = ComponentName.Parse(release.Split(' ')[0]);
            SemanticVersion version = SemanticVersion.Parse(release.Split(' ')[1]);
            Assert.True(registry.Namespaces.FindVersion(name, version) >= 0, release);
            IReadOnlyList<RegistryRelease> all = await registry.Registry.ListAsync(name, CancellationToken.None);
            RegistryRelease there = Assert.Single(all, one => one.Version == version);
            Assert.NotEmpty(await registry.Registry.ReadPackageAsync(there, CancellationToken.None));
        }
    }
}
