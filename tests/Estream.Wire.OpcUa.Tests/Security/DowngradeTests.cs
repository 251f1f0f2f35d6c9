using Estream.Testing;

namespace Estream.Wire.OpcUa.Tests.Security;

/// <summary>Goal: a connection never has less security than the configuration says. Method: a server that offers no security, as an
/// attacker in the network would show it.</summary>
public sealed class DowngradeTests
{
    [Theory]
    [InlineData(UaSecurityPolicy.Basic256Sha256, UaSecurityMode.Sign)]
    [InlineData(UaSecurityPolicy.Basic256Sha256, UaSecurityMode.SignAndEncrypt)]
    [InlineData(UaSecurityPolicy.Aes128Sha256RsaOaep, UaSecurityMode.SignAndEncrypt)]
    [InlineData(UaSecurityPolicy.Aes256Sha256RsaPss, UaSecurityMode.SignAndEncrypt)]
    public async Task Connect_refuses_a_server_that_offers_less_security(UaSecurityPolicy policy, UaSecurityMode mode)
    {
        using TempDirectory folder = new();
        await using OpcUaSimulator simulator = new();
        OpcUaClientOptions options = new()
        {
            Url = simulator.Url, Policy = policy, Mode = mode, PkiFolder = folder.Path, TimeoutMs = 60_000,
        };
        WireConnectionException refused = await Assert.ThrowsAsync<WireConnectionException>(() => OpcUaClient.ConnectAsync(options));
        Assert.Contains("It offers: None None", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, simulator.State.CreatedSessions);
    }
}
