using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>Which peers are accepted, tested by handshakes over a socket.</summary>
public class WireTlsTests
{
    [Fact]
    public async Task Certificate_is_accepted_only_for_its_name_and_authority()
    {
        using Certificates certificates = new();
        using Certificates others = new();
        certificates.Write("server");

        Assert.True(await ShakesHandsAsync(certificates.Server("server"), new WireTlsOptions { CaFile = certificates.CaFile }));
        Assert.False(await ShakesHandsAsync(certificates.Server("server"), new WireTlsOptions { CaFile = others.CaFile }));
        Assert.False(
            await ShakesHandsAsync(certificates.Server("server"),
                new WireTlsOptions { CaFile = certificates.CaFile, ServerName = "plant.example" }));
        Assert.False(await ShakesHandsAsync(certificates.Server("server"), new WireTlsOptions()));
    }

    [Fact]
    public async Task Pin_without_authority_accepts_only_the_pinned_certificate()
    {
        using Certificates certificates = new();
        WirePin pin = WirePin.OfCertificate(certificates.Write("server"));
        WirePin key = WirePin.OfKey(certificates.Write("next"));

        Assert.True(await ShakesHandsAsync(certificates.Server("server"), new WireTlsOptions { Pins = [pin] }));
        Assert.False(await ShakesHandsAsync(certificates.Server("next"), new WireTlsOptions { Pins = [pin] }));

        // During a replacement, both certificates are pinned.
        Assert.True(await ShakesHandsAsync(certificates.Server("server"), new WireTlsOptions { Pins = [pin, key] }));
        Assert.True(await ShakesHandsAsync(certificates.Server("next"), new WireTlsOptions { Pins = [pin, key] }));
    }

    [Fact]
    public async Task Pin_with_authority_requires_both_to_match()
    {
        using Certificates certificates = new();
        using Certificates others = new();
        WirePin pin = WirePin.OfCertificate(certificates.Write("server"));
        WirePin another = WirePin.OfCertificate(certificates.Write("another"));

        Assert.True(
            await ShakesHandsAsync(certificates.Server("server"), new WireTlsOptions { CaFile = certificates.CaFile, Pins = [pin] }));
        Assert.False(
            await ShakesHandsAsync(certificates.Server("server"), new WireTlsOptions { CaFile = certificates.CaFile, Pins = [another] }));
        Assert.False(await ShakesHandsAsync(certificates.Server("server"), new WireTlsOptions { CaFile = others.CaFile, Pins = [pin] }));
    }

    [Fact]
    public async Task Server_accepts_only_clients_with_an_allowed_certificate()
    {
        using Certificates certificates = new();
        using Certificates others = new();
        certificates.Write("server");
        X509Certificate2 device = certificates.Write("device");
        others.Write("stranger");
        WireTlsOptions plain = new() { CaFile = certificates.CaFile };
        WireTlsOptions known = plain with
        {
            CertificateFile = certificates.Combine("device.crt"),
            KeyFile = certificates.Combine("device.key"),
        };
        WireTlsOptions stranger = plain with { CertificateFile = others.Combine("stranger.crt"), KeyFile = others.Combine("stranger.key") };
        WireServerTlsOptions byAuthority = certificates.Server("server") with { ClientCaFile = certificates.CaFile };
        WireServerTlsOptions byPin = certificates.Server("server") with { ClientPins = [WirePin.OfKey(device)] };

        Assert.True(await ShakesHandsAsync(byAuthority, known));
        Assert.False(await ShakesHandsAsync(byAuthority, stranger));
        Assert.False(await ShakesHandsAsync(byAuthority, plain));
        Assert.True(await ShakesHandsAsync(byPin, known));
        Assert.False(await ShakesHandsAsync(byPin, stranger));
        Assert.False(await ShakesHandsAsync(byPin, plain));
        Assert.True(await ShakesHandsAsync(byAuthority with { ClientPins = byPin.ClientPins }, known));
        Assert.False(await ShakesHandsAsync(byAuthority with { ClientPins = [WirePin.OfKey(others.Write("other"))] }, known));
    }

    [Fact]
    public async Task Issuer_URL_of_an_untrusted_certificate_is_not_fetched()
    {
        using TcpListener asked = new(IPAddress.Loopback, 0);
        asked.Start();
        Uri anywhere = new($"http://{asked.LocalEndpoint}/issuer.crt");
        using Certificates certificates = new();
        using Certificates others = new();
        X509Certificate2 server = certificates.Write("server");
        WirePin pin = WirePin.OfCertificate(server);
        others.Write("stranger", issuer: anywhere);
        WireTlsOptions stranger = new()
        {
            Pins = [pin],
            CertificateFile = others.Combine("stranger.crt"),
            KeyFile = others.Combine("stranger.key"),
        };

        // Anyone can present a certificate with an issuer URL. Fetching the issuer would let an unauthenticated peer make this host send
        // requests to any address.
        Assert.False(await ShakesHandsAsync(certificates.Server("server") with { ClientCaFile = certificates.CaFile }, stranger));
        Assert.False(asked.Pending());
        Assert.False(await ShakesHandsAsync(certificates.Server("server") with { ClientPins = [pin] }, stranger));
        Assert.False(asked.Pending());
        Assert.False(await ShakesHandsAsync(others.Server("stranger"), new WireTlsOptions { CaFile = certificates.CaFile }));
        Assert.False(asked.Pending());
        Assert.False(await ShakesHandsAsync(others.Server("stranger"), new WireTlsOptions { Pins = [pin] }));
        Assert.False(asked.Pending());
        Assert.False(await ShakesHandsAsync(others.Server("stranger"), new WireTlsOptions()));
        Assert.False(asked.Pending());
    }

    [Fact]
    public void TLS_settings_are_read_and_invalid_ones_are_named()
    {
        const string Pin = "00000000000000000000000000000000000000000000000000000000000000ff";
        WireSettings right =
            Settings(("Tls:CaFile", "ca.pem"), ("Tls:ServerName", "plant"), ("Tls:Pins:0", Pin), ("Tls:Pins:1", $"{Pin[..62]}fe"));
        WireTlsOptions? options = WireTlsOptions.Read(right);
        right.RefuseUnknown();
        Assert.NotNull(options);
        Assert.Equal(("ca.pem", "plant"), (options.CaFile, options.ServerName));
        Assert.Equal([Pin, $"{Pin[..62]}fe"], options.Pins.Select(pin => pin.ToString()));

        WireTlsOptions? one = WireTlsOptions.Read(
            Settings(("Tls:PinnedCertificateSha256", string.Join(':', Pin.Chunk(2).Select(pair => new string(pair))))));
        Assert.Equal([Pin], one!.Pins.Select(pin => pin.ToString()));
        foreach (string wrong in new[] { "", "12:34", Pin + "0", "spki-sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" })
        {
            // An invalid pin would match no certificate, and every connection would fail with an error about the certificate.
            WireConfigurationException refusal =
                Assert.Throws<WireConfigurationException>(() => WireTlsOptions.Read(Settings(("Tls:PinnedCertificateSha256", wrong))));
            Assert.Equal("Estream:Adapters:x:Tls:PinnedCertificateSha256", refusal.Key);
            Assert.Contains("64 hexadecimal digits", refusal.Message, StringComparison.Ordinal);
        }

        Assert.NotNull(WireTlsOptions.Read(Settings(("Tls", "true"))));
        Assert.Null(WireTlsOptions.Read(Settings(("Tls", "false"))));
        Assert.Null(WireTlsOptions.Read(Settings()));
        Assert.Equal("Estream:Adapters:x:Tls:Pins:1",
            Assert.Throws<WireConfigurationException>(() => WireTlsOptions.Read(Settings(("Tls:Pins:0", Pin), ("Tls:Pins:1", "ff")))).Key);

        WireSettings server = Settings(("Tls:CertificateFile", "own.crt"), ("Tls:KeyFile", "own.key"), ("Tls:ClientCaFile", "ca.pem"),
            ("Tls:ClientPins:0", Pin));
        WireServerTlsOptions? shown = WireServerTlsOptions.Read(server);
        server.RefuseUnknown();
        Assert.NotNull(shown);
        Assert.Equal(("own.crt", "own.key", "ca.pem", Pin),
            (shown.CertificateFile, shown.KeyFile, shown.ClientCaFile, Assert.Single(shown.ClientPins).ToString()));
        Assert.Null(WireServerTlsOptions.Read(Settings()));
        Assert.Equal("Estream:Adapters:x:Tls:CertificateFile",
            Assert.Throws<WireConfigurationException>(() => WireServerTlsOptions.Read(Settings(("Tls:KeyFile", "own.key")))).Key);
    }

    [Fact]
    public void Error_names_an_invalid_TLS_file()
    {
        using Certificates certificates = new();
        certificates.Write("server");
        certificates.Write("other");
        string empty = certificates.Combine("empty.pem");
        File.WriteAllText(empty, "");

        string pipe = certificates.Combine("pipe.pem");
        ChildProcess.Run("mkfifo", [pipe]).EnsureSuccess();

        Assert.Contains("is a pipe", Refusal(() => new WireTlsOptions { CaFile = pipe }.ToClientOptions("localhost")),
            StringComparison.Ordinal);
        Assert.Contains("is a pipe", Refusal(() => (certificates.Server("server") with { KeyFile = pipe }).ToServerOptions()),
            StringComparison.Ordinal);
        Assert.Contains("nothing.pem",
            Refusal(() => new WireTlsOptions { CaFile = certificates.Combine("nothing.pem") }.ToClientOptions("localhost")),
            StringComparison.Ordinal);
        Assert.Contains("empty.pem", Refusal(() => new WireTlsOptions { CaFile = empty }.ToClientOptions("localhost")),
            StringComparison.Ordinal);
        Assert.Contains("nothing.crt", Refusal(() => certificates.Server("nothing").ToServerOptions()), StringComparison.Ordinal);
        Assert.Contains("server.crt",
            Refusal(() => (certificates.Server("server") with { KeyFile = certificates.Combine("other.key") }).ToServerOptions()),
            StringComparison.Ordinal);
        Assert.Contains("empty.pem", Refusal(() => (certificates.Server("server") with { ClientCaFile = empty }).ToServerOptions()),
            StringComparison.Ordinal);

        static string Refusal(Action action) => Assert.Throws<WireConfigurationException>(action).Message;
    }

    /// <summary>Whether client and server can exchange a byte in each direction.</summary>
    private static async Task<bool> ShakesHandsAsync(WireServerTlsOptions server, WireTlsOptions client)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using TcpClient outgoing = new();
        await outgoing.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port);
        using TcpClient incoming = await listener.AcceptTcpClientAsync();
        Task<bool> serving = ServeAsync(incoming, server);
        bool isAnswered = await AskAsync(outgoing, client);
        outgoing.Close();
        return await serving && isAnswered;
    }

    private static async Task<bool> ServeAsync(TcpClient connection, WireServerTlsOptions options)
    {
        try
        {
            await using SslStream stream = new(connection.GetStream());
            await stream.AuthenticateAsServerAsync(options.ToServerOptions(), CancellationToken.None);
            byte[] one = new byte[1];
            await stream.ReadExactlyAsync(one);
            await stream.WriteAsync(one);
            return true;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            connection.Close();
            return false;
        }
    }

    private static async Task<bool> AskAsync(TcpClient connection, WireTlsOptions options)
    {
        try
        {
            await using SslStream stream = new(connection.GetStream());
            await stream.AuthenticateAsClientAsync(options.ToClientOptions("localhost"), CancellationToken.None);
            await stream.WriteAsync(new byte[] { 42 });
            byte[] one = new byte[1];
            await stream.ReadExactlyAsync(one);
            return one[0] == 42;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return false;
        }
    }

    private static WireSettings Settings(params (string Key, string? Value)[] values)
    {
        return new WireSettings("Estream:Adapters:x", values.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value)));
    }
}
