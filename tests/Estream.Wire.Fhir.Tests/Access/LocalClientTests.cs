using System.Net;
using Estream.Testing;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

/// <summary>Goal: without tokens, only programs of this machine reach the server.</summary>
public sealed class LocalClientTests
{
    [Theory]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("X-Forwarded-Host", "ehr.example")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Real-IP", "192.0.2.1")]
    [InlineData("Forwarded", "for=192.0.2.1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Host", "ehr.example")]
    public async Task A_server_without_tokens_refuses_forwarded_requests(string header, string value)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Assert.Equal(403, (await rig.SendAsync("GET", "Patient", null, null, (header, value))).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", "Patient")).Status);
    }

    [Fact]
    public async Task A_server_without_tokens_refuses_the_old_version_of_http_that_proxies_use()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        using HttpClient client = new();
        using HttpRequestMessage request = new(HttpMethod.Get, rig.Address + "Patient") { Version = HttpVersion.Version10 };
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [PeerFact("nginx", "nginx-light")]
    public async Task A_bare_proxy_gives_its_clients_no_access_to_a_server_with_tokens()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("doctor user/*.rs");
        using TempDirectory folder = new();
        using ChildProcess proxy = StartNginx(rig, folder, "", out int port);
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/fhir/") };
        Assert.Equal(HttpStatusCode.Unauthorized, await AnswerAsync(client, proxy));
        client.DefaultRequestHeaders.Authorization = new("Bearer", "doctor");
        using HttpResponseMessage permitted = await client.GetAsync("Patient");
        Assert.Equal(HttpStatusCode.OK, permitted.StatusCode);
    }

    [PeerFact("nginx", "nginx-light")]
    public async Task A_bare_proxy_of_another_user_gives_its_clients_no_access_to_a_server_without_tokens()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        using TempDirectory folder = new();
        using ChildProcess proxy = StartNginx(rig, folder, "proxy_http_version 1.1; proxy_set_header Connection \"\"; ", out int port);
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/fhir/") };

        // A proxy that runs as the user of the server is a program of this user.
        HttpStatusCode expected = Environment.IsPrivilegedProcess ? HttpStatusCode.Forbidden : HttpStatusCode.OK;
        Assert.Equal(expected, await AnswerAsync(client, proxy));
        Assert.Equal(200, (await rig.SendAsync("GET", "Patient")).Status);
    }

    private static ChildProcess StartNginx(ServerRig rig, TempDirectory folder, string settings, out int port)
    {
        port = FreePort.Next();
        string paths = string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
            .Select(name => $"{name}_temp_path {folder.Combine(name)};\n"));
        string file = folder.Combine("nginx.conf");
        string target = new Uri(rig.Address).GetLeftPart(UriPartial.Authority);

        // As root, nginx serves requests as another user.
        string user = Environment.IsPrivilegedProcess ? "user nobody nogroup; " : "";
        File.WriteAllText(file, $"{user}daemon off; pid {folder.Combine("pid")}; error_log stderr; events {{}}\n"
            + $"http {{ access_log off;\n{paths}"
            + $"server {{ listen 127.0.0.1:{port}; location / {{ {settings}proxy_pass {target}; }} }} }}\n");
        return ChildProcess.Start(Peer.Require("nginx", "nginx-light"), ["-p", folder.Path, "-e", "stderr", "-c", file]);
    }

    private static async Task<HttpStatusCode> AnswerAsync(HttpClient client, ChildProcess proxy)
    {
        HttpStatusCode status = default;
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.False(proxy.HasExited, proxy.Error);
                try
                {
                    using HttpResponseMessage response = await client.GetAsync("Patient");
                    status = response.StatusCode;
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the proxy answers");
        return status;
    }
}
