using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>Goal: the list finds certificates that their authority has revoked, and no others.</summary>
public sealed class RevocationListTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Revoked_certificate_is_found_in_PEM_and_DER_lists(bool isPem)
    {
        using X509Certificate2 stolen = _authority.Write("stolen"), kept = _authority.Write("kept");
        byte[] der = _authority.RevocationList(stolen);

        RevocationList list = RevocationList.Parse(isPem ? Encoding.ASCII.GetBytes(PemEncoding.WriteString("X509 CRL", der)) : der);

        Assert.Equal(1, list.Count);
        Assert.True(list.IsListed(stolen));
        Assert.False(list.IsListed(kept));
        Assert.InRange(list.NextUpdate!.Value, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(2));
    }

    [Fact]
    public void Same_serial_number_of_another_authority_is_not_revoked()
    {
        using X509Certificate2 stolen = _authority.Write("stolen");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 other = request.Create(new X500DistinguishedName("CN=another"), X509SignatureGenerator.CreateForECDsa(key),
            stolen.NotBefore, stolen.NotAfter, stolen.SerialNumberBytes.Span);

        RevocationList list = RevocationList.Parse(_authority.RevocationList(stolen));

        Assert.False(list.IsListed(other));
    }

    [Fact]
    public void Lists_of_several_authorities_are_combined_and_an_empty_list_is_valid()
    {
        using TestAuthority another = new();
        using X509Certificate2 one = _authority.Write("one"), two = another.Write("two");
        string both = PemEncoding.WriteString("X509 CRL", _authority.RevocationList(one)) + "\n"
            + PemEncoding.WriteString("X509 CRL", another.RevocationList(two));

        Assert.Equal(2, RevocationList.Parse(Encoding.ASCII.GetBytes(both)).Count);
        Assert.Equal(0, RevocationList.Parse(_authority.RevocationList()).Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing")]
    [InlineData("0")]
    [InlineData("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----")]
    public void Invalid_list_is_refused_with_its_path(string content)
    {
        string path = _authority.Combine("crl.pem");
        File.WriteAllText(path, content);

        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(() => RevocationList.Load(path));
        Assert.Contains($"the revocation lists in {path} cannot be read", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Revocation_list_requires_client_certificates()
    {
        using X509Certificate2 own = _authority.Write("own");
        WireServerTlsOptions options = new()
        {
            CertificateFile = _authority.Combine("own.crt"), KeyFile = _authority.Combine("own.key"),
            ClientCrlFile = _authority.WriteRevocationList("crl.pem"),
        };

        Assert.Contains("Set ClientCaFile", Assert.Throws<WireConfigurationException>(options.ToServerOptions).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Private_key_that_others_can_read_is_refused()
    {
        using X509Certificate2 own = _authority.Write("own");
        SecretFiles.SetMode(_authority.Combine("own.key"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        WireServerTlsOptions options = new() { CertificateFile = _authority.Combine("own.crt"), KeyFile = _authority.Combine("own.key") };

        Assert.Contains("Run: chmod 600", Assert.Throws<WireConfigurationException>(options.ToServerOptions).Message,
            StringComparison.Ordinal);
    }
}
