using System.Net;
using System.Text.RegularExpressions;
using Estream.Host.Tests.Http;

namespace Estream.Host.Tests.Widgets;

/// <summary>Goal: the document of a frame runs only its own scripts, in an opaque origin without network or features.</summary>
public sealed partial class FrameEndpointTests
{
    [Fact]
    public async Task The_document_of_a_frame_has_headers_that_contain_a_widget()
    {
        await using HttpCase http = await HttpCase.StartAsync(token: new string('t', 32), withConsole: true);

        using HttpResponseMessage answer = await http.Client.GetAsync("/widgets/frame");

        string document = await answer.Content.ReadAsStringAsync(), nonce = NonceOf(document);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal($"sandbox allow-scripts; default-src 'none'; script-src 'nonce-{nonce}' blob:; style-src 'unsafe-inline'; "
            + "img-src data: blob:; worker-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
            Single("Content-Security-Policy"));
        Assert.False(answer.Headers.Contains("X-Frame-Options"));
        Assert.Equal("()", Single("Connection-Allowlist"));
        Assert.Equal("off", Single("X-DNS-Prefetch-Control"));
        Assert.Equal("isolate-and-require-corp", Single("Document-Isolation-Policy"));
        Assert.Equal("same-origin", Single("Cross-Origin-Resource-Policy"));
        Assert.Equal("no-referrer", Single("Referrer-Policy"));
        Assert.Equal("nosniff", Single("X-Content-Type-Options"));
        Assert.Equal("no-store", Single("Cache-Control"));

        string Single(string name) => Assert.Single(answer.Headers.GetValues(name));
    }

    [Fact]
    public async Task The_policy_of_a_frame_turns_every_feature_off()
    {
        await using HttpCase http = await HttpCase.StartAsync();

        using HttpResponseMessage answer = await http.Client.GetAsync("/widgets/frame");

        string[] features = Assert.Single(answer.Headers.GetValues("Permissions-Policy")).Split(", ");
        Assert.All(features, feature => Assert.Matches(@"\A[a-z-]+=\(\)\z", feature));
        Assert.Equal(features.Distinct(), features);
        Assert.Superset(
            new HashSet<string> { "camera=()", "clipboard-write=()", "fullscreen=()", "microphone=()", "storage-access=()" },
            features.ToHashSet());
    }

    [Fact]
    public async Task Each_answer_has_another_nonce()
    {
        await using HttpCase http = await HttpCase.StartAsync();

        string first = NonceOf(await http.Client.GetStringAsync("/widgets/frame"));
        string second = NonceOf(await http.Client.GetStringAsync("/widgets/frame"));

        Assert.Equal(24, first.Length);
        Assert.NotEqual(first, second);
    }

    // All scripts of the document need the nonce, so a document without a nonce or with two scripts is an error.
    private static string NonceOf(string document) =>
        Assert.Single(Script().Matches(document)).Groups["nonce"].Value;

    [GeneratedRegex("<script(?: nonce=\"(?<nonce>[A-Za-z0-9+/=]+)\")?[^>]*>")]
    private static partial Regex Script();
}
