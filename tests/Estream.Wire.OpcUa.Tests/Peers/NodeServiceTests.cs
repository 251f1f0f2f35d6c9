using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Testing;

namespace Estream.Wire.OpcUa.Tests.Peers;

/// <summary>Goal: the client and a node-opcua server agree about every service, policy and kind of user.</summary>
[Collection(NodeCollection.Name)]
public sealed class NodeServiceTests(NodeServer server)
{
    [PeerFact("npm", "npm")]
    public async Task Connect_refuses_a_policy_that_the_server_does_not_offer()
    {
        OpcUaClientOptions options = server.Start().Options(UaSecurityPolicy.Basic256Sha256) with { Mode = (UaSecurityMode)1 };
        WireConnectionException refused = await Assert.ThrowsAsync<WireConnectionException>(() => OpcUaClient.ConnectAsync(options));
        Assert.Contains("It offers: None None, Basic256Sha256 Sign", refused.Message, StringComparison.Ordinal);
    }

    [PeerFact("npm", "npm")]
    public async Task Connect_refuses_an_unknown_certificate_and_keeps_it_for_the_operator()
    {
        string folder = server.Start().Combine("untrusting");
        OpcUaClientOptions options = server.Options(UaSecurityPolicy.Basic256Sha256) with { PkiFolder = folder };
        WireConnectionException refused = await Assert.ThrowsAsync<WireConnectionException>(() => OpcUaClient.ConnectAsync(options));
        Assert.Contains("is not accepted", refused.Message, StringComparison.Ordinal);
        string kept = Assert.Single(Directory.GetFiles(Path.Combine(folder, "rejected")));
        File.Move(kept, Path.Combine(folder, "trusted", "certs", "server.der"));
        await using OpcUaClient client = await OpcUaClient.ConnectAsync(options);
        Assert.True((await ReadAsync(client, "Count")).Status.IsGood);
    }

    [PeerFact("npm", "npm")]
    public async Task Connect_reports_a_wrong_password()
    {
        OpcUaClientOptions options = server.Start().Options(UaSecurityPolicy.Basic256Sha256) with
        {
            User = "user1", Password = Secret("wrong"),
        };
        OpcUaException refused = await Assert.ThrowsAsync<OpcUaException>(() => OpcUaClient.ConnectAsync(options));
        Assert.DoesNotContain("wrong", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.Status.IsBad);
    }

    [PeerTheory("npm", "npm")]
    [InlineData(UaSecurityPolicy.None, UaSecurityMode.None)]
    [InlineData(UaSecurityPolicy.Basic256Sha256, UaSecurityMode.Sign)]
    [InlineData(UaSecurityPolicy.Basic256Sha256, UaSecurityMode.SignAndEncrypt)]
    [InlineData(UaSecurityPolicy.Aes128Sha256RsaOaep, UaSecurityMode.SignAndEncrypt)]
    [InlineData(UaSecurityPolicy.Aes256Sha256RsaPss, UaSecurityMode.Sign)]
    [InlineData(UaSecurityPolicy.Aes256Sha256RsaPss, UaSecurityMode.SignAndEncrypt)]
    public async Task Services_work_with_every_policy_and_kind_of_user(UaSecurityPolicy policy, UaSecurityMode mode)
    {
        OpcUaClientOptions options = server.Start().Options(policy) with { Mode = mode };
        await CheckServicesAsync(options);
        await CheckServicesAsync(options with { User = "user1", Password = Secret("pw1") });
        if (policy != UaSecurityPolicy.None)
        {
            await CheckServicesAsync(options with { UserCertificateFile = UserFile("cert.pem"), UserKeyFile = UserFile("key.pem") });
        }
    }

    [PeerFact("npm", "npm")]
    public async Task Requests_succeed_while_the_token_is_renewed()
    {
        OpcUaClientOptions options = server.Start().Options(UaSecurityPolicy.Basic256Sha256) with { TokenLifetimeMs = 8_000 };
        await using OpcUaClient client = await OpcUaClient.ConnectAsync(options);
        while (client.Tokens < 3)
        {
            Assert.True((await ReadAsync(client, "Count")).Status.IsGood);
        }
    }

    [PeerFact("npm", "npm")]
    public async Task Reads_every_type()
    {
        await using OpcUaClient client = await OpcUaClient.ConnectAsync(server.Start().Options());
        Assert.Equal("näme", (await ReadAsync(client, "Name")).Value.Value);
        Assert.Equal(new UaLocalizedText("en", "label"), (await ReadAsync(client, "Label")).Value.Value);
        Assert.Equal(true, (await ReadAsync(client, "Flag")).Value.Value);
        Assert.Equal(-2L, (await ReadAsync(client, "Big")).Value.Value);
        Assert.Equal(new byte[] { 1, 2, 3 }, (await ReadAsync(client, "Bytes")).Value.Value);
        Assert.Equal(UaNodeId.OfText(1, "Count"), (await ReadAsync(client, "Node")).Value.Value);
        Assert.Equal("[1.5, 2.5]", (await ReadAsync(client, "Floats")).Value.ToString());
        Assert.Equal(300_000, ((byte[])(await ReadAsync(client, "Long")).Value.Value!).Length);
        Assert.Equal("BadNodeIdUnknown", (await ReadAsync(client, "Nothing")).Status.ToString());
    }

    [PeerFact("npm", "npm")]
    public async Task Browse_follows_continuation_points()
    {
        await using OpcUaClient client = await OpcUaClient.ConnectAsync(server.Start().Options());
        (UaStatus status, IReadOnlyList<UaReference> all) = await client.BrowseAsync(UaNodeId.OfText(1, "Plant"));
        Assert.True(status.IsGood);
        Assert.True(all.Count > 2_000, $"{all.Count} references");
        Assert.Contains(all, one => one.BrowseName == new UaQualifiedName(1, "V1999"));
        (_, IReadOnlyList<UaReference> few) = await client.BrowseAsync(UaNodeId.OfText(1, "Plant"), 10);
        Assert.Equal(10, few.Count);
    }

    [PeerFact("npm", "npm")]
    public async Task History_is_read_page_by_page()
    {
        await using OpcUaClient client = await OpcUaClient.ConnectAsync(server.Start().Options());
        DateTime start = DateTime.UnixEpoch.AddSeconds(1_700_000_000);
        (UaStatus status, IReadOnlyList<UaDataValue> values) = await client.HistoryReadAsync(
            UaNodeId.OfText(1, "History"), start.AddMilliseconds(500), start.AddSeconds(2_500.5));
        Assert.True(status.IsGood, status.ToString());
        Assert.Equal(Enumerable.Range(1, 2_500).Select(one => (double)one), values.Select(one => (double)one.Value.Value!));
    }

    private static async Task CheckServicesAsync(OpcUaClientOptions options)
    {
        await using OpcUaClient client = await OpcUaClient.ConnectAsync(options);
        UaNodeId setPoint = UaNodeId.OfText(1, "SetPoint");
        double value = Random.Shared.NextDouble();
        UaStatus[] written = await client.WriteAsync([new UaWriteItem(setPoint, new UaVariant(UaType.Double, value))]);
        Assert.True(written[0].IsGood, written[0].ToString());
        Assert.Equal(value, (await ReadAsync(client, "SetPoint")).Value.Value);
        UaCallResult called = await client.CallAsync(
            UaNodeId.OfText(1, "Plant"), UaNodeId.OfText(1, "Double"), [new UaVariant(UaType.Double, 21.0)]);
        Assert.Equal(42.0, called.Outputs[0].Value);
        Assert.Equal(300_000, ((byte[])(await ReadAsync(client, "Long")).Value.Value!).Length);
    }

    private static async Task<UaDataValue> ReadAsync(OpcUaClient client, string name) =>
        (await client.ReadAsync([new UaReadItem(UaNodeId.OfText(1, name))]))[0];

    private static WireSecret Secret(string password)
    {
        string variable = $"ESTREAM_TEST_OPCUA_{password}";
        Environment.SetEnvironmentVariable(variable, password);
        return WireSecret.FromEnvironment(variable);
    }

    private string UserFile(string name)
    {
        string file = server.Combine(name);
        if (!File.Exists(file))
        {
            using RSA key = RSA.Create(2_048);
            CertificateRequest request = new("CN=operator", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using X509Certificate2 certificate = request.CreateSelfSigned(
                DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(server.Combine("cert.pem"), certificate.ExportCertificatePem());
            File.WriteAllText(server.Combine("key.pem"), key.ExportPkcs8PrivateKeyPem());
        }

        return file;
    }
}
