using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt.Tests.Client;

public class CertificatePinTests
{
    [Fact]
    public void A_pin_matches_its_certificate_however_it_is_written()
    {
        using TempDirectory folder = new();
        using X509Certificate2 certificate = TestCertificates.Write(folder, "pinned");
        string digits = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        string small = Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
        string pairs = string.Join(':', digits.Chunk(2).Select(pair => new string(pair)));
        string other = (digits[0] == '0' ? '1' : '0') + digits[1..];

        foreach (string pin in new[] { digits, small, pairs })
        {
            Assert.True(CertificatePin.IsWellFormed(pin), pin);
            Assert.True(CertificatePin.Matches(pin, certificate), pin);
        }

        Assert.True(CertificatePin.IsWellFormed(other));
        Assert.False(CertificatePin.Matches(other, certificate));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12:34")]
    [InlineData("sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000 00")]
    public void What_is_no_pin_is_refused_before_it_is_tried(string pin)
    {
        // It would match nothing, and the connection would fail for ever with a word about the certificate.
        MqttTlsOptions tls = new() { PinnedCertificateSha256 = pin };
        WireConfigurationException refusal = Assert.Throws<WireConfigurationException>(
            () => ClientChecks.Check(new MqttClientOptions { Host = "broker", ClientId = "pump", Tls = tls }));

        Assert.Equal("Broker:Tls:PinnedCertificateSha256", refusal.Key);
        Assert.Throws<ArgumentException>(() => new MqttPublisher(new MqttPublisherOptions { Tls = tls }, (_, _, _) => 0));
    }
}
