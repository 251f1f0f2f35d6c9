using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Server.Tests.Support;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Server.Tests.Moderation;

public sealed class QueueTests
{
    private const string Queue = "/cp/api/v1/admin/marketplace/queue";

    [Fact]
    public async Task Only_a_moderator_sees_and_decides_the_queue()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        string author = rig.Token("registrar:@acme");
        foreach (string path in (string[])[Queue, Queue + "/" + new string('0', 64)])
        {
            await MarketplaceRig.RefusedAsync(401, "token_required", rig.GetAsync(path));
            await MarketplaceRig.RefusedAsync(403, "grant_missing", rig.GetAsync(path, author));
        }

        foreach (string act in (string[])["approve", "reject", "flag"])
        {
            string path = $"{Queue}/{new string('0', 64)}/{act}";
            await MarketplaceRig.RefusedAsync(401, "token_required", rig.PostAsync(path, null, null));
            await MarketplaceRig.RefusedAsync(403, "grant_missing", rig.PostAsync(path, author, null));
        }

        await MarketplaceRig.RefusedAsync(400, "invalid_parameter", rig.GetAsync(Queue + "?state=all", rig.Token("governance")));
        await MarketplaceRig.RefusedAsync(400, "invalid_parameter", rig.GetAsync(Queue + "?cursor=1-2", rig.Token("governance")));
    }

    [Fact]
    public async Task A_click_does_not_approve()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync(new() { ["theme"] = 1 });
        (SignedRelease release, string moderator) = await SubmitAsync(rig, Samples.Theme());
        string path = $"{Queue}/{release.Statement.Digest()}/approve";

        await MarketplaceRig.RefusedAsync(422, "approval_signature_required", rig.PostAsync(path, moderator, null));
        await MarketplaceRig.RefusedAsync(422, "approval_signature_required",
            rig.PostAsync(path, moderator, JsonContent.Create(new { note = "Fine" })));
        await MarketplaceRig.RefusedAsync(422, "approval_malformed",
            rig.PostAsync(path, moderator, JsonContent.Create(new { approval = new { payload = "x" } })));
        await MarketplaceRig.RefusedAsync(403, "not_permitted", rig.PostAsync(path, moderator, Approval(release, rig.Owner)));
        await MarketplaceRig.RefusedAsync(403, "not_permitted", rig.PostAsync(path, moderator, Approval(release, rig.Stranger)));
        await MarketplaceRig.RefusedAsync(422, "approval_mismatch",
            rig.PostAsync(path, moderator, Approval(rig.Sign(Samples.Theme("3.0.0")), rig.Reviewer)));
        await MarketplaceRig.RefusedAsync(400, "invalid_body",
            rig.PostAsync(path, moderator, new StringContent("[", Encoding.UTF8, "application/json")));
        await MarketplaceRig.RefusedAsync(404, "item_not_found", rig.GetAsync("/api/v1/marketplace/themes/items/acme--card"));
    }

    [Fact]
    public async Task A_release_is_published_after_enough_reviewers_have_signed()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync(new() { ["theme"] = 2 });
        (SignedRelease release, string moderator) = await SubmitAsync(rig, Samples.Theme());
        string path = $"{Queue}/{release.Statement.Digest()}";

        JsonElement progress = await MarketplaceRig.AnsweredAsync(202,
            rig.PostAsync(path + "/approve", moderator, Approval(release, rig.Reviewer)));
        Assert.Equal(1, progress.GetProperty("approvals").GetInt32());
        Assert.Equal(2, progress.GetProperty("approvalsRequired").GetInt32());
        await MarketplaceRig.AnsweredAsync(202, rig.PostAsync(path + "/approve", moderator, Approval(release, rig.Reviewer)));
        await MarketplaceRig.AnsweredAsync(204, rig.PostAsync(path + "/approve", moderator, Approval(release, rig.SecondReviewer)));

        await MarketplaceRig.AnsweredAsync(200, rig.GetAsync("/api/v1/marketplace/themes/items/acme--card"));
        JsonElement detail = await MarketplaceRig.AnsweredAsync(200, rig.GetAsync(path, moderator));
        Assert.Equal("published", detail.GetProperty("item").GetProperty("state").GetString());
        Assert.Equal(3, detail.GetProperty("decisions").GetArrayLength());
        JsonElement queue = await MarketplaceRig.AnsweredAsync(200, rig.GetAsync(Queue, moderator));
        Assert.Empty(queue.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_rejected_release_is_refused_with_the_reason_that_its_author_sees()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync(new() { ["theme"] = 1 });
        (SignedRelease release, string moderator) = await SubmitAsync(rig, Samples.Theme());
        string author = rig.Token("registrar:@acme");
        string digest = release.Statement.Digest();

        await MarketplaceRig.RefusedAsync(422, "note_required", rig.PostAsync($"{Queue}/{digest}/reject", moderator, null));
        await MarketplaceRig.AnsweredAsync(204,
            rig.PostAsync($"{Queue}/{digest}/reject", moderator, JsonContent.Create(new { note = "Too bright" })));
        await MarketplaceRig.RefusedAsync(409, "rejected", rig.SubmitAsync(release, author));
        await MarketplaceRig.RefusedAsync(409, "not_pending",
            rig.PostAsync($"{Queue}/{digest}/reject", moderator, JsonContent.Create(new { note = "Again" })));
        await MarketplaceRig.RefusedAsync(409, "rejected",
            rig.PostAsync($"{Queue}/{digest}/approve", moderator, Approval(release, rig.Reviewer)));

        JsonElement status = await MarketplaceRig.AnsweredAsync(200, rig.GetAsync("/api/v1/marketplace/submissions/" + digest, author));
        Assert.Equal("Too bright", status.GetProperty("rejection").GetString());
        await MarketplaceRig.RefusedAsync(403, "grant_missing",
            rig.GetAsync("/api/v1/marketplace/submissions/" + digest, rig.Token("registrar:@other")));

        // The corrected release has another digest.
        await MarketplaceRig.AnsweredAsync(202, rig.SubmitAsync(rig.Sign(Samples.Theme(style: "dark")), author));
        await rig.RestartAsync();
        await MarketplaceRig.RefusedAsync(409, "rejected", rig.SubmitAsync(release, author));
    }

    [Fact]
    public async Task A_retry_skips_a_flagged_release()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync(new() { ["theme"] = 1 });
        (SignedRelease release, string moderator) = await SubmitAsync(rig, Samples.Theme());
        string digest = release.Statement.Digest();
        await MarketplaceRig.AnsweredAsync(204, rig.PostAsync($"{Queue}/{digest}/flag", moderator, null));

        await rig.Server.Submissions.DecideAgainAsync(CancellationToken.None);

        JsonElement item = (await MarketplaceRig.AnsweredAsync(200, rig.GetAsync(Queue, moderator))).GetProperty("items")[0];
        Assert.True(item.GetProperty("isFlagged").GetBoolean());
        Assert.Equal("pending", item.GetProperty("state").GetString());
        await MarketplaceRig.RefusedAsync(404, "not_found", rig.PostAsync($"{Queue}/{new string('0', 64)}/flag", moderator, null));
    }

    [Fact]
    public async Task A_detail_shows_checks_and_the_difference_to_the_previous_release()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync(new() { ["skill"] = 1 });
        (SignedRelease first, string moderator) = await SubmitAsync(rig, Samples.Skill(), "skills");
        await MarketplaceRig.AnsweredAsync(204,
            rig.PostAsync($"{Queue}/{first.Statement.Digest()}/approve", moderator, Approval(first, rig.Reviewer)));
        SignedRelease next = rig.Sign(Samples.Skill("1.1.0", "\"network\"", text: "# Gates\n"), first.Statement.Digest());
        await MarketplaceRig.AnsweredAsync(202, rig.SubmitAsync(next, rig.Token("registrar:@acme"), "skills"));

        JsonElement detail = await MarketplaceRig.AnsweredAsync(200, rig.GetAsync($"{Queue}/{next.Statement.Digest()}", moderator));

        JsonElement difference = detail.GetProperty("difference");
        Assert.Equal("1.0.0", difference.GetProperty("previous").GetString());
        Assert.Contains("SKILL.md", difference.GetProperty("files").GetProperty("changed").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal("network", difference.GetProperty("permissions").GetProperty("added")[0].GetString());
        Assert.Contains(detail.GetProperty("checks").EnumerateArray(), one => one.GetProperty("check").GetString() == "signature"
            && one.GetProperty("outcome").GetString() == "passed");
        Assert.Equal(ReleaseApproval.Of(next.Statement).ToPayload(),
            Convert.FromBase64String(detail.GetProperty("approval").GetString()!));
    }

    [Fact]
    public async Task A_pending_release_without_a_row_is_in_the_queue_after_a_restart()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync(new() { ["theme"] = 1 });
        (SignedRelease release, string moderator) = await SubmitAsync(rig, Samples.Theme());
        await rig.RestartAsync(() =>
        {
            foreach (string file in Directory.GetFiles(rig.RootPath, "marketplace.db*"))
            {
                File.Delete(file);
            }

            return Task.CompletedTask;
        });

        JsonElement queue = await MarketplaceRig.AnsweredAsync(200, rig.GetAsync(Queue, moderator));
        Assert.Equal(release.Statement.Digest(), queue.GetProperty("items")[0].GetProperty("id").GetString());
    }

    internal static HttpContent Approval(SignedRelease release, DocumentSigner reviewer) => new StringContent(
        $"{{\"note\":\"Read\",\"approval\":{Encoding.UTF8.GetString(ReleaseApproval.Of(release.Statement).Sign(reviewer))}}}",
        Encoding.UTF8, "application/json");

    private static async Task<(SignedRelease Release, string Moderator)> SubmitAsync(MarketplaceRig rig,
        Estream.Marketplace.Packages.Package package, string category = "themes")
    {
        SignedRelease release = rig.Sign(package);
        using HttpResponseMessage answer = await rig.SubmitAsync(release, rig.Token("registrar:@acme"), category);
        Assert.Equal(202, (int)answer.StatusCode);
        Assert.Equal("/api/v1/marketplace/submissions/" + release.Statement.Digest(), answer.Headers.Location?.ToString());
        return (release, rig.Token("governance"));
    }
}
