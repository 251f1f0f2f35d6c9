using System.Net;
using System.Net.Http.Headers;
using Estream.Marketplace.Server.Http;
using Estream.Marketplace.Server.Tests.Support;
using Estream.Testing;

namespace Estream.Marketplace.Server.Tests.Http;

public sealed class RegistryFileEndpointTests
{
    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("roles/../../keys/root.key")]
    [InlineData("roles//timestamp.json")]
    [InlineData(".hidden")]
    [InlineData("roles\\timestamp.json")]
    [InlineData("roles/\0")]
    public void A_path_that_could_leave_the_folder_is_refused(string path) => Assert.Null(RegistryFileEndpoint.SegmentsOf(path));

    [Property(100, 20_000)]
    public void The_segments_of_any_path_stay_in_the_folder(string? path)
    {
        string root = Path.GetFullPath("/srv/public");
        Assert.True(RegistryFileEndpoint.SegmentsOf(path) is not { } segments
            || Path.GetFullPath(Path.Combine([root, .. segments])).StartsWith(root + "/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_have_tags_ranges_and_the_right_lifetime()
    {
        await using MarketplaceRig rig = await MarketplaceRig.StartAsync();
        await MarketplaceRig.RefusedAsync(404, "file_not_found", rig.GetAsync("/registry/roles/none.json"));
        await MarketplaceRig.AnsweredAsync(404, rig.GetAsync("/registry/%2e%2e/keys/targets.key"));
        await MarketplaceRig.RefusedAsync(404, "file_not_found", rig.GetAsync("/registry/..%2fkeys%2ftargets.key"));

        using HttpResponseMessage timestamp = await rig.GetAsync("/registry/roles/timestamp.json");
        Assert.Equal(HttpStatusCode.OK, timestamp.StatusCode);
        Assert.Equal("no-cache", timestamp.Headers.CacheControl?.ToString());
        using HttpResponseMessage same = await rig.GetAsync("/registry/roles/timestamp.json", tag: timestamp.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);

        string digest = Path.GetFileName(Directory.GetFiles(Path.Combine(rig.Folder, "public", "catalog"))[0]);
        using HttpResponseMessage catalog = await rig.GetAsync("/registry/catalog/" + digest);
        Assert.Equal(HttpStatusCode.OK, catalog.StatusCode);
        Assert.Contains("immutable", catalog.Headers.CacheControl!.ToString(), StringComparison.Ordinal);

        using HttpRequestMessage range = new(HttpMethod.Get, "/registry/roles/1.root.json");
        range.Headers.Range = new RangeHeaderValue(0, 9);
        using HttpResponseMessage part = await rig.Client.SendAsync(range);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(10, (await part.Content.ReadAsByteArrayAsync()).Length);

        using HttpRequestMessage headRequest = new(HttpMethod.Head, "/registry/roles/1.root.json");
        using HttpResponseMessage head = await rig.Client.SendAsync(headRequest);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.True(head.Content.Headers.ContentLength > 100);
    }
}
