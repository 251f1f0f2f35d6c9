using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Server.Tests.Moderation;
using Estream.Marketplace.Server.Tests.Support;
using Estream.Testing;
using Microsoft.Data.Sqlite;

namespace Estream.Marketplace.Server.Tests.Http;

/// <summary>The generated description is the committed one, and each answer that it declares is reached.</summary>
public sealed class OpenApiTests
{
    private const string AcceptVariable = "ESTREAM_ACCEPT";
    private const string Queue = "/cp/api/v1/admin/marketplace/queue";

    private static readonly string s_file = RepositoryRoot.Combine("docs", "openapi-marketplace.json");
    private static readonly string s_none = new('0', 64);

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task The_description_is_the_committed_one()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        string actual = Indented(await rig.Client.GetStringAsync("/api/v1/marketplace/openapi.json"));
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            await File.WriteAllTextAsync(s_file, actual);
        }

        Assert.StartsWith("3.1.", JsonDocument.Parse(actual).RootElement.GetProperty("openapi").GetString());
        Assert.True(File.Exists(s_file) && await File.ReadAllTextAsync(s_file) == actual,
            $"The API has changed. If that is intended, run this test with {AcceptVariable}=1 and commit {s_file}.");
    }

    [Fact]
    public async Task Each_declared_status_of_each_path_is_reached()
    {
        List<(string Method, string Path, int Status)> seen = [];
        await using (MarketplaceRig rig = await MarketplaceRig.StartAsync(new() { ["theme"] = 2, ["skill"] = 0 }))
        {
            await ReachAnswersAsync(rig);
            await ReachUnavailableAsync(rig);
            seen.AddRange(rig.Observer.Seen);
        }

        await using (MarketplaceRig rig = await MarketplaceRig.StartAsync(settings: ("RequestsPerSecond", "1")))
        {
            await ReachLimitsAsync(rig);
            seen.AddRange(rig.Observer.Seen);
        }

        string[] declared = [.. Declared().SelectMany(one => one.Statuses.Select(status => $"{one.Method} {one.Path} {status}"))];
        HashSet<string> reached = [.. seen.Select(one => $"{one.Method} {TemplateOf(one.Method, one.Path)} {one.Status}")];
        Assert.Empty(declared.Except(reached));
        Assert.Empty(reached.Where(one => one.Contains("/marketplace/", StringComparison.Ordinal)
            && !one.Contains("openapi.json", StringComparison.Ordinal)).Except(declared));
    }

    private static async Task ReachAnswersAsync(MarketplaceRig rig)
    {
        string author = rig.Token("registrar:@acme"), moderator = rig.Token("governance");
        SignedRelease skill = rig.Sign(Samples.Skill());
        SignedRelease theme = rig.Sign(Samples.Theme()), other = rig.Sign(Samples.Theme(name: "@acme/other"));
        await SubmitAllAsync(rig, author, skill, theme, other);
        foreach (string path in (string[])["/api/v1/marketplace/categories", "/api/v1/marketplace/skills/items",
            "/api/v1/marketplace/skills/items/acme--helper", Queue, $"{Queue}/{theme.Statement.Digest()}",
            $"/api/v1/marketplace/submissions/{theme.Statement.Digest()}"])
        {
            string token = path.Contains("submissions", StringComparison.Ordinal) ? author : moderator;
            using HttpResponseMessage response = await rig.GetAsync(path, token);
            await MarketplaceRig.AnsweredAsync(304, rig.GetAsync(path, token, response.Headers.ETag!.ToString()));
            _ = await rig.GetAsync(path);
            _ = await rig.GetAsync(path, rig.Token("registrar:@other"));
        }

        foreach (string path in (string[])["/api/v1/marketplace/skills/items?limit=x", "/api/v1/marketplace/hats/items",
            "/api/v1/marketplace/skills/items/none", "/api/v1/marketplace/skills", "/api/v1/marketplace/skills/acme--helper",
            Queue + "?state=x", $"{Queue}/{s_none}", $"/api/v1/marketplace/submissions/{s_none}"])
        {
            _ = await rig.GetAsync(path, moderator);
        }

        foreach (string path in (string[])["reindex", $"queue/{s_none}/approve", $"queue/{s_none}/reject", $"queue/{s_none}/flag"])
        {
            _ = await rig.PostAsync("/cp/api/v1/admin/marketplace/" + path, null, null);
            _ = await rig.PostAsync("/cp/api/v1/admin/marketplace/" + path, author, null);
            _ = await rig.PostAsync("/cp/api/v1/admin/marketplace/" + path, moderator, JsonContent.Create(new { note = "x" }));
            if (path != "reindex")
            {
                _ = await rig.PostAsync("/cp/api/v1/admin/marketplace/" + path, moderator, new StringContent("["));
                _ = await rig.PostAsync("/cp/api/v1/admin/marketplace/" + path, moderator, new ByteArrayContent(new byte[1 << 20]));
            }
        }

        await DecideAsync(rig, moderator, theme, other);
    }

    private static async Task SubmitAllAsync(MarketplaceRig rig, string author, SignedRelease skill, SignedRelease theme,
        SignedRelease other)
    {
        _ = await rig.SubmitAsync(skill, author, "skills");
        _ = await rig.SubmitAsync(skill, author, "skills");
        _ = await rig.SubmitAsync(theme, author);
        _ = await rig.SubmitAsync(other, author);
        _ = await rig.SubmitAsync(rig.Sign(Samples.Skill(text: "# Other\n")), author, "skills");
        _ = await rig.SubmitAsync(theme, author, "skills");
        _ = await rig.SubmitAsync(theme, author, "hats");
        _ = await rig.SubmitAsync(theme, null);
        _ = await rig.SubmitAsync(theme, rig.Token());
        _ = await rig.PostAsync("/api/v1/marketplace/themes/items", author, new StringContent("{}"));
        _ = await rig.PostAsync("/api/v1/marketplace/themes/items", author, MarketplaceRig.Form(theme.Bytes, null));
        _ = await rig.PostAsync("/api/v1/marketplace/themes/items", author, MarketplaceRig.Form(theme.Bytes, new byte[70_000]));
    }

    private static async Task DecideAsync(MarketplaceRig rig, string moderator, SignedRelease theme, SignedRelease other)
    {
        string path = $"{Queue}/{theme.Statement.Digest()}";
        _ = await rig.PostAsync(path + "/approve", moderator, null);
        _ = await rig.PostAsync(path + "/approve", moderator, QueueTests.Approval(theme, rig.Reviewer));
        _ = await rig.PostAsync(path + "/flag", moderator, null);
        _ = await rig.PostAsync(path + "/approve", moderator, QueueTests.Approval(theme, rig.SecondReviewer));
        _ = await rig.PostAsync(path + "/reject", moderator, null);
        _ = await rig.PostAsync(path + "/reject", moderator, JsonContent.Create(new { note = "x" }));
        _ = await rig.PostAsync(path + "/flag", moderator, null);
        path = $"{Queue}/{other.Statement.Digest()}";
        _ = await rig.PostAsync(path + "/reject", moderator, JsonContent.Create(new { note = "x" }));
        _ = await rig.PostAsync(path + "/approve", moderator, QueueTests.Approval(other, rig.Reviewer));
    }

    // Without its file, every reader of the database fails.
    private static async Task ReachUnavailableAsync(MarketplaceRig rig)
    {
        string author = rig.Token("registrar:@acme"), moderator = rig.Token("governance");
        foreach (string file in Directory.GetFiles(rig.RootPath, "marketplace.db*"))
        {
            File.Move(file, file + ".away");
        }

        SqliteConnection.ClearAllPools();
        foreach (string path in (string[])["/api/v1/marketplace/categories", "/api/v1/marketplace/skills/items",
            "/api/v1/marketplace/skills/items/acme--helper", Queue, $"{Queue}/{s_none}", $"/api/v1/marketplace/submissions/{s_none}"])
        {
            await MarketplaceRig.RefusedAsync(503, "registry_unavailable", rig.GetAsync(path, moderator));
        }

        await MarketplaceRig.RefusedAsync(503, "registry_unavailable", rig.SubmitAsync(rig.Sign(Samples.Theme()), author));
        foreach (string act in (string[])["approve", "reject", "flag"])
        {
            await MarketplaceRig.RefusedAsync(503, "registry_unavailable",
                rig.PostAsync($"{Queue}/{s_none}/{act}", moderator, JsonContent.Create(new { note = "x" })));
        }

        await MarketplaceRig.RefusedAsync(503, "registry_unavailable",
            rig.PostAsync("/cp/api/v1/admin/marketplace/reindex", moderator, null));
    }

    private static async Task ReachLimitsAsync(MarketplaceRig rig)
    {
        foreach ((string method, string template, _) in Declared())
        {
            string path = template.Replace("{category}", "skills", StringComparison.Ordinal).Replace("{slug}", "acme--helper",
                StringComparison.Ordinal).Replace("{id}", s_none, StringComparison.Ordinal);
            await Eventually.TrueAsync(
                async () =>
                {
                    using HttpRequestMessage request = new(new HttpMethod(method), path);
                    using HttpResponseMessage response = await rig.Client.SendAsync(request);
                    return (int)response.StatusCode == 429;
                }, $"{method} {path} is limited");
        }
    }

    private static IEnumerable<(string Method, string Path, IReadOnlyList<int> Statuses)> Declared()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(s_file));
        return [.. document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Select(operation => (operation.Name.ToUpperInvariant(), path.Name, (IReadOnlyList<int>)[.. operation.Value
                .GetProperty("responses").EnumerateObject().Select(one => int.Parse(one.Name))])))];
    }

    private static string TemplateOf(string method, string path) => Declared().Where(one => one.Method == method
            && Regex.IsMatch(path, "^" + Regex.Replace(one.Path, @"\{[a-z]+\}", "[^/]+") + "$"))
        .OrderBy(one => one.Path.Count(letter => letter == '{')).Select(one => one.Path).FirstOrDefault(path);

    private static string Indented(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, s_indented) + "\n";
    }
}
