using System.Text.Json;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Server.Tests.Support;

namespace Estream.Marketplace.Server.Tests.Http;

public sealed class CatalogEndpointsTests
{
    private const string Items = "/api/v1/marketplace/themes/items";

    [Fact]
    public async Task The_categories_are_the_nine_of_the_table()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        JsonElement answer = await MarketplaceRig.AnsweredAsync(200, rig.GetAsync("/api/v1/marketplace/categories"));

        Assert.Equal(["apps", "skills", "widgets", "themes", "plugins", "schemas", "circuits", "adapters", "fpga-circuits"],
            answer.GetProperty("categories").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
        JsonElement widgets = answer.GetProperty("categories")[2];
        Assert.Equal("console-widget", widgets.GetProperty("component").GetString());
        Assert.Equal(["data", "refresh"], widgets.GetProperty("permissions").EnumerateArray().Select(one => one.GetString()));
        Assert.Empty(answer.GetProperty("categories")[3].GetProperty("permissions").EnumerateArray());
    }

    [Fact]
    public async Task An_unknown_category_item_or_parameter_is_a_problem()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        await MarketplaceRig.RefusedAsync(404, "category_not_found", rig.GetAsync("/api/v1/marketplace/hats/items"));
        await MarketplaceRig.RefusedAsync(404, "item_not_found", rig.GetAsync(Items + "/acme--none"));
        await MarketplaceRig.RefusedAsync(404, "item_not_found", rig.GetAsync(Items + "/..."));
        await MarketplaceRig.RefusedAsync(400, "invalid_parameter", rig.GetAsync(Items + "?limit=0"));
        await MarketplaceRig.RefusedAsync(400, "invalid_parameter", rig.GetAsync(Items + "?color=red"));
        await MarketplaceRig.RefusedAsync(400, "invalid_parameter", rig.GetAsync(Items + "?cursor=AAAA"));
    }

    [Fact]
    public async Task Pages_in_both_orders_contain_each_item_once()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        string token = rig.Token("registrar:@acme");
        string[] names = ["alder", "birch", "cedar", "fir", "oak"];
        foreach (string name in names)
        {
            await MarketplaceRig.AnsweredAsync(201,
                rig.SubmitAsync(rig.Sign(Samples.Theme(name: "@acme/" + name, description: $"{name} green")), token));
        }

        Assert.Equal(names, await AllAsync(rig, Items + "?limit=2"));
        Assert.Equal(names.Reverse(), await AllAsync(rig, Items + "?limit=2&sort=-name"));
        Assert.Equal(5, (await AllAsync(rig, Items + "?limit=2&sort=-updated")).Distinct().Count());
        Assert.Equal(["oak"], await AllAsync(rig, Items + "?q=OAK%20green"));
        Assert.Empty(await AllAsync(rig, Items + "?q=red"));
        Assert.Empty(await AllAsync(rig, Items + "?author=@other"));
        Assert.Equal(5, (await AllAsync(rig, Items + "?tier=community&license=Apache-2.0&author=@acme")).Count);
        Assert.Empty(await AllAsync(rig, Items + "?tier=verified"));
        Assert.Empty(await AllAsync(rig, "/api/v1/marketplace/skills/items"));
    }

    [Fact]
    public async Task An_item_has_the_five_fields_of_the_specification_and_a_tag()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        SignedRelease release = rig.Sign(Samples.Skill(permissions: "\"network:example.org\""));
        await MarketplaceRig.AnsweredAsync(201, rig.SubmitAsync(release, rig.Token("registrar:@acme"), "skills"));

        using HttpResponseMessage response = await rig.GetAsync("/api/v1/marketplace/skills/items/acme--helper");
        JsonElement detail = await MarketplaceRig.ReadAsync(response);
        JsonElement manifest = detail.GetProperty("manifest");
        Assert.Equal("skills", manifest.GetProperty("kind").GetString());
        Assert.Equal("@acme", manifest.GetProperty("author_id").GetString());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(release.Bytes.Span)),
            manifest.GetProperty("package_sha256").GetString());
        Assert.Equal("network:example.org", manifest.GetProperty("permissions")[0].GetString());
        Assert.NotEmpty(Convert.FromBase64String(manifest.GetProperty("manifest_signature").GetString()!));
        Assert.Equal("connect to example.org", detail.GetProperty("permissions")[0].GetProperty("meaning").GetString());
        Assert.Equal(release.Statement.Digest(), detail.GetProperty("proof").GetProperty("release").GetString());
        Assert.Equal("community", detail.GetProperty("item").GetProperty("tier").GetString());
        await MarketplaceRig.AnsweredAsync(200, rig.GetAsync(detail.GetProperty("proof").GetProperty("bundle").GetString()!));
        await MarketplaceRig.AnsweredAsync(304,
            rig.GetAsync("/api/v1/marketplace/skills/items/acme--helper", tag: response.Headers.ETag!.ToString()));
    }

    [Fact]
    public async Task Legacy_addresses_of_skills_redirect_with_a_sunset()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        using HttpResponseMessage response = await rig.GetAsync("/api/v1/marketplace/skills/acme--helper");

        Assert.Equal(308, (int)response.StatusCode);
        Assert.Equal("/api/v1/marketplace/skills/items/acme--helper", response.Headers.Location?.ToString());
        Assert.True(response.Headers.Contains("Sunset"));
    }

    private static async Task<List<string>> AllAsync(MarketplaceRig rig, string path)
    {
        List<string> names = [];
        for (string? cursor = ""; cursor is not null;)
        {
            JsonElement page = await MarketplaceRig.AnsweredAsync(200,
                rig.GetAsync(cursor.Length == 0 ? path : $"{path}&cursor={cursor}"));
            names.AddRange(page.GetProperty("items").EnumerateArray()
                .Select(one => one.GetProperty("name").GetString()!["@acme/".Length..]));
            cursor = page.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
        }

        return names;
    }
}
