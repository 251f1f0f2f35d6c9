using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Estream.Client.Protocol;
using Estream.Client.Tests.Hosting;
using Estream.Crypto;

namespace Estream.Client.Tests;

/// <summary>Goal: the protocol works over TLS and WebSocket, and clients refuse what is not safe.</summary>
[Collection(HostCollection.Name)]
public sealed class TransportTests
{
    [Fact]
    public async Task A_client_appends_over_tls_with_a_token_and_refuses_an_unknown_certificate()
    {
        await using ClientCase host = new(withTls: true);
        Uri address = new($"estreams://localhost:{host.Port}");
        string token = host.AddToken(AccessRole.Operator);
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(host.Combine("host-ca.crt"));

        EstreamClientException unknown = await Assert.ThrowsAsync<EstreamClientException>(
            () => EstreamClient.ConnectAsync(address, new EstreamClientOptions { Token = token }));
        Assert.Equal(ClientStatus.Unauthorized, unknown.Status);

        await using EstreamClient client = await EstreamClient.ConnectAsync(address, new EstreamClientOptions
        {
            Token = token,
            CertificateValidation = (_, certificate, chain, _) => Verify(authority, certificate, chain),
        });
        Assert.True(await client.Queue(ClientCase.Queue).AppendAsync(new byte[100_000]) > 0);
        await using MessageSubscription messages = await client.Queue(ClientCase.Queue).SubscribeAsync();
        Assert.Equal(100_000, (await QueueTests.TakeAsync(messages, 1))[0].Payload.Length);
    }

    [Fact]
    public async Task A_plain_http_request_to_a_port_with_tls_is_told_what_the_port_serves()
    {
        await using ClientCase host = new(withTls: true);
        using HttpClient plain = new();

        using HttpResponseMessage answer = await plain.GetAsync(new Uri($"http://localhost:{host.Port}/"));

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("estreams://", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_tcp_to_another_machine_and_addresses_with_secrets_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => EstreamClient.ConnectAsync(new Uri("estream://192.0.2.1:5082")));
        await Assert.ThrowsAsync<ArgumentException>(() => EstreamClient.ConnectAsync(new Uri("estreams://token@localhost:5082")));
        await Assert.ThrowsAsync<ArgumentException>(() => EstreamClient.ConnectAsync(new Uri("http://localhost:5082")));
    }

    [Fact]
    public async Task A_web_socket_of_another_site_is_refused_and_one_of_this_host_is_served()
    {
        await using ClientCase host = new();
        Uri address = new($"ws://127.0.0.1:{host.Host.HttpPort}/api/client");
        using ClientWebSocket foreign = new();
        foreign.Options.SetRequestHeader("Origin", "https://example.com");
        await Assert.ThrowsAsync<WebSocketException>(() => foreign.ConnectAsync(address, default));

        using ClientWebSocket page = new();
        page.Options.SetRequestHeader("Origin", $"http://127.0.0.1:{host.Host.HttpPort}");
        await page.ConnectAsync(address, default);
        byte[] answer = new byte[64];
        WebSocketReceiveResult received = await GreetAsync(page, answer);

        // Version 1, role viewer.
        Assert.Equal([1, 0, 1], answer[FrameParser.HeaderBytes..(FrameParser.HeaderBytes + 3)]);
        Assert.True(received.Count > FrameParser.HeaderBytes);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_web_socket_ends_with_its_token_or_its_browser_session(bool isByCookie, bool signsOut)
    {
        await using ClientCase host = new();
        string token = host.AddToken(AccessRole.Operator);
        using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{host.Host.HttpPort}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage signedIn = await http.PutAsync("/api/session", null);
        string cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie")).Split(';')[0];
        using ClientWebSocket page = new();
        page.Options.SetRequestHeader(isByCookie ? "Cookie" : "Authorization", isByCookie ? cookie : $"Bearer {token}");
        await page.ConnectAsync(new Uri($"ws://127.0.0.1:{host.Host.HttpPort}/api/client"), default);
        byte[] answer = new byte[1024];
        _ = await GreetAsync(page, answer);

        // Version 1, role operator.
        Assert.Equal([1, 0, 2], answer[FrameParser.HeaderBytes..(FrameParser.HeaderBytes + 3)]);

        if (signsOut)
        {
            http.DefaultRequestHeaders.Authorization = null;
            http.DefaultRequestHeaders.Add("Cookie", cookie);
            http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
            using HttpResponseMessage signedOut = await http.DeleteAsync("/api/session");
            Assert.Equal(System.Net.HttpStatusCode.NoContent, signedOut.StatusCode);
        }
        else
        {
            Assert.Single(AccessTokenFile.Revoke(Path.Combine(host.Data, "tokens"), "test"));
        }

        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        WebSocketReceiveResult ended = await page.ReceiveAsync(answer, limit.Token);
        Assert.Equal((WebSocketMessageType.Binary, ClientStatus.Unauthorized), (ended.MessageType, (ClientStatus)answer[5]));
    }

    private static async Task<WebSocketReceiveResult> GreetAsync(ClientWebSocket page, byte[] answer)
    {
        byte[] hello = new FrameBuilder().Begin().UInt32(ClientHello.Magic).UInt16(ClientHello.Version).UInt16(3600).Text("").Text("page")
            .End(ClientOp.Hello, 1).ToArray();
        await page.SendAsync(hello, WebSocketMessageType.Binary, true, default);
        return await page.ReceiveAsync(answer, default);
    }

    private static bool Verify(X509Certificate2 authority, X509Certificate? certificate, X509Chain? chain)
    {
        chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        return chain.Build((X509Certificate2)certificate!);
    }
}
