using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Server.Tests.Support;

namespace Estream.Marketplace.Server.Tests.Submission;

public sealed class SubmitTests
{
    private const string Themes = "/api/v1/marketplace/themes/items";

    [Fact]
    public async Task Requests_without_a_valid_token_are_refused()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        SignedRelease release = rig.Sign(Samples.Theme());
        string expired = rig.Token(TimeSpan.FromMilliseconds(1), "registrar:@acme");
        string revoked = rig.Token("registrar:@acme");
        AccessTokenFile.Revoke(rig.TokensFile, AccessTokenFile.Load(rig.TokensFile).Tokens[^1].Id);

        await MarketplaceRig.RefusedAsync(401, "token_required", rig.SubmitAsync(release, null));
        await MarketplaceRig.RefusedAsync(401, "token_required", rig.SubmitAsync(release, "est_00000000_made-up"));
        await MarketplaceRig.RefusedAsync(401, "token_required", rig.SubmitAsync(release, expired));
        await MarketplaceRig.RefusedAsync(401, "token_required", rig.SubmitAsync(release, revoked));
    }

    [Fact]
    public async Task A_token_of_another_namespace_or_without_a_grant_is_refused()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        SignedRelease release = rig.Sign(Samples.Theme());

        await MarketplaceRig.RefusedAsync(403, "grant_missing", rig.SubmitAsync(release, rig.Token("registrar:@other")));
        await MarketplaceRig.RefusedAsync(403, "grant_missing", rig.SubmitAsync(release, rig.Token("governance")));
        await MarketplaceRig.RefusedAsync(403, "grant_missing", rig.SubmitAsync(release, rig.Token()));
    }

    [Fact]
    public async Task A_release_that_a_stranger_signed_is_refused_before_its_package_is_read()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        string token = rig.Token("registrar:@acme");
        SignedRelease foreign = rig.Sign(Samples.Theme(), signer: rig.Stranger);

        // The package is not even an archive: the answer proves that nothing was decompressed.
        await MarketplaceRig.RefusedAsync(403, "not_owner",
            rig.PostAsync(Themes, token, MarketplaceRig.Form("no archive"u8.ToArray(), foreign.Entry)));
    }

    [Fact]
    public async Task Malformed_requests_are_refused_by_kind()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        string token = rig.Token("registrar:@acme");
        SignedRelease release = rig.Sign(Samples.Theme());
        SignedRelease other = rig.Sign(Samples.Theme("2.0.0"));

        await MarketplaceRig.RefusedAsync(415, "multipart_required", rig.PostAsync(Themes, token, new StringContent("{}")));
        await MarketplaceRig.RefusedAsync(400, "malformed_request", rig.PostAsync(Themes, token, MarketplaceRig.Form(release.Bytes, null)));
        await MarketplaceRig.RefusedAsync(400, "malformed_entry",
            rig.PostAsync(Themes, token, MarketplaceRig.Form(release.Bytes, "{}"u8.ToArray())));
        await MarketplaceRig.RefusedAsync(400, "malformed_package",
            rig.PostAsync(Themes, token, MarketplaceRig.Form("no archive"u8.ToArray(), release.Entry)));
        await MarketplaceRig.RefusedAsync(422, "digest_mismatch",
            rig.PostAsync(Themes, token, MarketplaceRig.Form(release.Bytes, release.Entry, new string('0', 64))));
        await MarketplaceRig.RefusedAsync(422, "entry_mismatch",
            rig.PostAsync(Themes, token, MarketplaceRig.Form(release.Bytes, other.Entry)));
        await MarketplaceRig.RefusedAsync(422, "category_mismatch", rig.SubmitAsync(release, token, "skills"));
        await MarketplaceRig.RefusedAsync(404, "category_not_found", rig.SubmitAsync(release, token, "hats"));
        await MarketplaceRig.RefusedAsync(413, "too_large",
            rig.PostAsync(Themes, token, MarketplaceRig.Form(release.Bytes, new byte[70_000])));
        await MarketplaceRig.RefusedAsync(400, "invalid_idempotency_key", rig.SubmitAsync(release, token, key: new string('k', 300)));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_by_its_length()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        string token = rig.Token("registrar:@acme");
        rig.Client.DefaultRequestHeaders.ExpectContinue = true;

        await MarketplaceRig.RefusedAsync(413, "too_large",
            rig.PostAsync(Themes, token, MarketplaceRig.Form(new byte[(64 << 20) + (1 << 20)], "{}"u8.ToArray())));
    }

    [Fact]
    public async Task A_published_version_never_changes_and_versions_rise()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        string token = rig.Token("registrar:@acme");
        SignedRelease first = rig.Sign(Samples.Theme());
        using HttpResponseMessage created = await rig.SubmitAsync(first, token);
        Assert.Equal(201, (int)created.StatusCode);
        Assert.Equal("/api/v1/marketplace/themes/items/acme--card", created.Headers.Location?.ToString());
        await MarketplaceRig.AnsweredAsync(200, rig.GetAsync(created.Headers.Location!.ToString()));

        await MarketplaceRig.AnsweredAsync(200, rig.SubmitAsync(first, token));
        await MarketplaceRig.RefusedAsync(409, "version_exists", rig.SubmitAsync(rig.Sign(Samples.Theme(style: "b")), token));
        string before = first.Statement.Digest();
        await MarketplaceRig.RefusedAsync(409, "version_exists", rig.SubmitAsync(rig.Sign(Samples.Theme("1.1.0")), token));
        await MarketplaceRig.AnsweredAsync(201, rig.SubmitAsync(rig.Sign(Samples.Theme("1.1.0"), before), token));
        await MarketplaceRig.RefusedAsync(409, "version_not_higher", rig.SubmitAsync(
            rig.Sign(Samples.Theme("1.0.5"), rig.Sign(Samples.Theme("1.1.0"), before).Statement.Digest()), token));
    }

    [Fact]
    public async Task A_release_that_fails_a_check_is_refused_with_the_reasons_of_the_circuit()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        SignedRelease bare = rig.Sign(Samples.WithoutStylesheet());

        using HttpResponseMessage response = await rig.SubmitAsync(bare, rig.Token("registrar:@acme"));

        Assert.Equal(422, (int)response.StatusCode);
        JsonElement problem = await MarketplaceRig.ReadAsync(response);
        Assert.Equal("release_refused", problem.GetProperty("code").GetString());
        Assert.Contains("brass.css", problem.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_request_gets_the_same_answer_and_another_body_is_refused()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        string token = rig.Token("registrar:@acme");
        SignedRelease release = rig.Sign(Samples.Theme());
        await MarketplaceRig.AnsweredAsync(201, rig.SubmitAsync(release, token, key: "k1"));

        using HttpResponseMessage again = await rig.SubmitAsync(release, token, key: "k1");
        Assert.Equal(201, (int)again.StatusCode);
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        await MarketplaceRig.RefusedAsync(422, "idempotency_key_reused",
            rig.SubmitAsync(rig.Sign(Samples.Theme("1.1.0"), release.Statement.Digest()), token, key: "k1"));
        await MarketplaceRig.AnsweredAsync(200, rig.SubmitAsync(release, rig.Token("registrar:@acme"), key: "k1"));
    }

    [Fact]
    public async Task A_caller_beyond_its_pace_is_refused()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync(settings: ("SubmissionsPerMinute", "1"));
        string token = rig.Token("registrar:@acme");
        SignedRelease release = rig.Sign(Samples.Theme());
        await MarketplaceRig.AnsweredAsync(201, rig.SubmitAsync(release, token));
        await MarketplaceRig.RefusedAsync(429, "too_many_submissions", rig.SubmitAsync(release, token));
        await MarketplaceRig.AnsweredAsync(200, rig.SubmitAsync(release, rig.Token("registrar:@acme")));
    }

    [Fact]
    public async Task The_catalogue_after_a_rebuild_equals_the_one_before()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        string token = rig.Token("registrar:@acme", "governance");
        await MarketplaceRig.AnsweredAsync(201, rig.SubmitAsync(rig.Sign(Samples.Theme()), token));
        await MarketplaceRig.AnsweredAsync(201, rig.SubmitAsync(rig.Sign(Samples.Skill()), token, "skills"));
        string before = CatalogRows.Read(rig.Database);

        JsonElement answer = await MarketplaceRig.AnsweredAsync(200, rig.PostAsync("/cp/api/v1/admin/marketplace/reindex", token, null));

        Assert.Equal(2, answer.GetProperty("items").GetInt32());
        Assert.Equal(before, CatalogRows.Read(rig.Database));
        await rig.RestartAsync(() =>
        {
            CatalogRows.Erase(rig.Database);
            return Task.CompletedTask;
        });
        Assert.Equal(before, CatalogRows.Read(rig.Database));
    }

    [Fact]
    public async Task A_database_of_another_registry_is_refused()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        Assert.Contains("belongs to the registry", Assert.ThrowsAny<Core.EstreamException>(
            () => Data.MarketplaceDatabase.Open(rig.Database, "components.example.org/other")).Message, StringComparison.Ordinal);
        string copy = Path.Combine(rig.RootPath, "copy.db");
        rig.Server.BackUp(copy);
        using Data.MarketplaceDatabase restored = Data.MarketplaceDatabase.Open(copy, MarketplaceRig.RegistryName);
        Assert.Equal(9, restored.Read(connection =>
            Data.MarketplaceDatabase.Query(connection, "SELECT id FROM categories", row => row.GetString(0))).Count);
    }
}
