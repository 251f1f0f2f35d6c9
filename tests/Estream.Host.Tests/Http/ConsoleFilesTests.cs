using System.IO.Compression;
using System.Net;
using System.Text;
using Estream.Host.Http;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: every page of the console has an address, and its files and answers are compressed.</summary>
public sealed class ConsoleFilesTests
{
    private const string Browser = "text/html,application/xhtml+xml,*/*;q=0.8";

    [Theory]
    [InlineData("/queues")]
    [InlineData("/queues/orders.v1/messages/4711?range=1h")]
    [InlineData("/maps/latest/pump%2F7")]
    [InlineData("/apiary")]
    [InlineData("/widgets/@acme/doors")]
    [InlineData("/dashboards/mine/plant-1")]
    [InlineData("/queues/x.gz")]
    [InlineData("/maps/m/a.br")]
    public async Task The_address_of_a_page_returns_the_page(string path)
    {
        await using HttpCase http = await HttpCase.StartAsync(token: new string('t', 32), withConsole: true);

        using HttpResponseMessage answer = await GetAsync(http, path, ("Accept", Browser));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no-cache", answer.Headers.CacheControl!.ToString());
        Assert.Contains("<title>Estream</title>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/queues", "application/json")]
    [InlineData("/api/nothing", Browser)]
    [InlineData("/API/nothing", Browser)]
    [InlineData("/registry/x", Browser)]
    [InlineData("/widgets/proxy", Browser)]
    [InlineData("/widgets/frame/x", Browser)]
    [InlineData("/mcp", Browser)]
    [InlineData("/health/nothing", Browser)]
    [InlineData("/assets/old-hash.js", Browser)]
    [InlineData("/assets/index-abc.js.br", Browser)]
    public async Task Other_unknown_addresses_are_not_found(string path, string accept)
    {
        await using HttpCase http = await HttpCase.StartAsync(withConsole: true);

        using HttpResponseMessage answer = await GetAsync(http, path, ("Accept", accept));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("gzip, deflate, br, zstd", "br", "brotli")]
    [InlineData("gzip, br;q=0", "gzip", "gzip")]
    [InlineData("deflate", null, "export {};")]
    [InlineData(null, null, "export {};")]
    [InlineData("br;q=x", null, "export {};")]
    public async Task A_file_of_the_console_is_served_in_the_coding_that_the_browser_accepts(
        string? accepted, string? coding, string content)
    {
        await using HttpCase http = await HttpCase.StartAsync(withConsole: true);

        using HttpResponseMessage answer = await GetAsync(http, "/assets/index-abc.js", ("Accept-Encoding", accepted));

        Assert.Equal(coding is null ? [] : [coding], answer.Content.Headers.ContentEncoding);
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("Accept-Encoding", Assert.Single(answer.Headers.Vary));
        Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal(content, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("br", 100, "br")]
    [InlineData("gzip", 100, "gzip")]
    [InlineData("gzip", 1, null)]
    [InlineData("identity", 100, null)]
    public async Task Long_answers_of_the_API_are_compressed(string accepted, int queueCount, string? coding)
    {
        QueueOverview queue = new("telemetry", 1, 2, 3, 4.5, "PageCache");
        FakeView view = new();
        view.Overview = view.Overview with { Queues = [.. Enumerable.Repeat(queue, queueCount)] };
        await using HttpCase http = await HttpCase.StartAsync(view);

        using HttpResponseMessage answer = await GetAsync(http, "/api/overview", ("Accept-Encoding", accepted));

        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(coding is null ? [] : [coding], answer.Content.Headers.ContentEncoding);
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        string plain = Encoding.UTF8.GetString(coding is null ? body : Decompress(body, coding));
        Assert.Equal(queueCount, plain.Split("\"telemetry\"").Length - 1);
    }

    [Fact]
    public void The_build_compresses_the_files_of_the_console()
    {
        string root = RepositoryRoot.Combine("src", "Estream.Host", "wwwroot");
        string[] files =
            [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories).Where(file => CompressedBody.CodingOf(file) is null)];

        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            Assert.Equal(File.ReadAllBytes(file), Decompress(File.ReadAllBytes(file + ".br"), "br"));
            Assert.Equal(File.ReadAllBytes(file), Decompress(File.ReadAllBytes(file + ".gz"), "gzip"));
        });
    }

    private static byte[] Decompress(byte[] body, string coding)
    {
        using MemoryStream source = new(body);
        using Stream decoder = coding == "br"
            ? new BrotliStream(source, CompressionMode.Decompress)
            : new GZipStream(source, CompressionMode.Decompress);
        using MemoryStream plain = new();
        decoder.CopyTo(plain);
        return plain.ToArray();
    }

    private static Task<HttpResponseMessage> GetAsync(HttpCase http, string path, (string Name, string? Value) header)
    {
        HttpRequestMessage request = new(HttpMethod.Get, path);
        if (header.Value is not null)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        return http.Client.SendAsync(request);
    }
}
