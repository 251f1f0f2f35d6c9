using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire.Tests;

public class WirePinTests
{
    [Fact]
    public void Pin_accepts_a_fingerprint_with_or_without_colons()
    {
        using Certificates certificates = new();
        X509Certificate2 certificate = certificates.Write("server");
        string fingerprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        string withColons = string.Join(":", Enumerable.Range(0, 32).Select(index => fingerprint.Substring(2 * index, 2)));

        Assert.True(WirePin.Parse(fingerprint).Matches(certificate));
        Assert.True(WirePin.Parse(withColons).Matches(certificate));
        Assert.True(WirePin.Parse(fingerprint.ToLowerInvariant()).Matches(certificate));
        Assert.False(WirePin.Parse(fingerprint).Matches(certificates.Write("other")));
        Assert.Equal(WirePin.OfCertificate(certificate), WirePin.Parse(withColons));
        Assert.Equal(WirePin.OfCertificate(certificate).GetHashCode(), WirePin.Parse(withColons).GetHashCode());
        Assert.Equal(fingerprint.ToLowerInvariant(), WirePin.Parse(withColons).ToString());
    }

    [Fact]
    public void Key_pin_still_matches_after_the_certificate_is_renewed()
    {
        using Certificates certificates = new();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 old = certificates.Write("old", key);
        X509Certificate2 renewed = certificates.Write("renewed", key);
        WirePin pin = WirePin.Parse($"spki-sha256/{Convert.ToBase64String(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))}");

        Assert.True(pin.Matches(old));
        Assert.True(pin.Matches(renewed));
        Assert.False(pin.Matches(certificates.Write("other")));
        Assert.False(WirePin.OfCertificate(old).Matches(renewed));
        Assert.Equal(WirePin.OfKey(old), pin);
        Assert.NotEqual(WirePin.OfCertificate(old), pin);
        Assert.Equal(pin, WirePin.Parse(pin.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("spki-sha256/")]
    [InlineData("spki-sha256/AAAA")]
    [InlineData("spki-sha256/not base64 not base64 not base64 not base64")]
    [InlineData("zz00000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000ff")]
    public void Parse_refuses_an_invalid_pin(string text)
    {
        Assert.Contains("64 hexadecimal digits", Assert.Throws<FormatException>(() => WirePin.Parse(text)).Message,
            StringComparison.Ordinal);
    }
}
