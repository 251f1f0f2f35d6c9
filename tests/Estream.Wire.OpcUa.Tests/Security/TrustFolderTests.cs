using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Testing;
using Estream.Wire.OpcUa.Security;

namespace Estream.Wire.OpcUa.Tests.Security;

/// <summary>Goal: no certificate is accepted that an authority of its chain has revoked, or about which an authority says nothing. The
/// chain is root, plant, server; the root is trusted.</summary>
public sealed class TrustFolderTests : IDisposable
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UtcNow;

    private readonly TempDirectory _folder = new();
    private readonly RSA _rootKey = RSA.Create(2_048);
    private readonly RSA _plantKey = RSA.Create(2_048);
    private readonly RSA _serverKey = RSA.Create(2_048);
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _plant;
    private readonly X509Certificate2 _server;
    private readonly TrustFolder _trust;

    public TrustFolderTests()
    {
        _root = Request("CN=root", _rootKey, isAuthority: true).CreateSelfSigned(s_now.AddDays(-1), s_now.AddDays(2));
        _plant = Issue(_root, _rootKey, Request("CN=plant", _plantKey, isAuthority: true), 2);
        _server = Issue(_plant, _plantKey, Request("CN=server", _serverKey, isAuthority: false), 3);
        _trust = new TrustFolder(_folder.Path);
        Write("trusted/certs/root.der", _root.RawData);
        Write("issuers/certs/plant.der", _plant.RawData);
        Write("trusted/crl/root.crl", Revocations(_root, _rootKey, 1));
        Write("issuers/crl/plant.crl", Revocations(_plant, _plantKey, 1));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
        _plant.Dispose();
        _server.Dispose();
        _rootKey.Dispose();
        _plantKey.Dispose();
        _serverKey.Dispose();
    }

    [Fact]
    public void Chain_with_current_lists_is_accepted() => Assert.Null(Reason());

    [Fact]
    public void Server_that_its_authority_has_revoked_is_refused()
    {
        Write("issuers/crl/plant.crl", Revocations(_plant, _plantKey, 2, _server));
        Assert.Contains("is revoked: CN=server", Reason(), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.Combine("rejected")));
    }

    [Fact]
    public void Server_whose_authority_is_revoked_is_refused()
    {
        Write("trusted/crl/root.crl", Revocations(_root, _rootKey, 2, _plant));
        Assert.Contains("is revoked: CN=plant", Reason(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trusted/crl/root.crl", "CN=root")]
    [InlineData("issuers/crl/plant.crl", "CN=plant")]
    public void Chain_without_the_list_of_an_authority_is_refused(string list, string authority)
    {
        File.Delete(_folder.Combine(list));
        Assert.Contains($"no current revocation list of {authority}", Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public void List_that_is_out_of_date_does_not_count_but_its_revocations_do()
    {
        Write("issuers/crl/plant.crl", Revocations(_plant, _plantKey, 2, ended: true));
        Assert.Contains("no current revocation list", Reason(), StringComparison.Ordinal);
        Write("issuers/crl/plant.crl", Revocations(_plant, _plantKey, 3, ended: true, _server));
        Assert.Contains("is revoked", Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public void List_that_another_key_has_signed_does_not_count()
    {
        Write("issuers/crl/plant.crl", Revocations(_plant, _rootKey, 2));
        Assert.Contains("no current revocation list of CN=plant", Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public void Authority_that_only_completes_chains_is_not_trusted()
    {
        File.Move(_folder.Combine("trusted/certs/root.der"), _folder.Combine("issuers/certs/root.der"));
        Assert.Contains("It is not trusted", Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public void Authority_that_the_server_sends_completes_its_chain()
    {
        File.Delete(_folder.Combine("issuers/certs/plant.der"));
        Assert.Contains("Its issuer is neither", Reason(), StringComparison.Ordinal);
        Assert.Null(_trust.WhyNot(_server, [_plant], "localhost", null, s_now));
    }

    [Fact]
    public void Certificate_for_another_host_is_refused() =>
        Assert.Contains("not for host", _trust.WhyNot(_server, [], "other.example", null, s_now), StringComparison.Ordinal);

    [Fact]
    public void Authority_whose_key_usage_forbids_issuing_is_refused()
    {
        ReplacePlant(request => request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign, true)));
        Assert.Contains("key usage of its issuer CN=plant does not permit issuing", Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public void Chain_longer_than_its_root_permits_is_refused()
    {
        CertificateRequest request = Request("CN=root", _rootKey, isAuthority: true);
        request.CertificateExtensions.RemoveAt(0);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        using X509Certificate2 root = request.CreateSelfSigned(s_now.AddDays(-1), s_now.AddDays(2));
        Write("trusted/certs/root.der", root.RawData);
        Write("trusted/crl/root.crl", Revocations(root, _rootKey, 1));
        Assert.Contains("CN=root permits 0 authorities below itself, and the chain has 1", Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public void Authority_with_name_constraints_is_refused()
    {
        ReplacePlant(request => request.CertificateExtensions.Add(new X509Extension("2.5.29.30", [0x30, 0], critical: true)));
        Assert.Contains("limits the names that it may issue", Reason(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.1", true)]
    [InlineData("1.3.6.1.5.5.7.3.2", false)]
    public void Extended_key_usage_must_permit_servers(string purpose, bool isAccepted)
    {
        CertificateRequest request = Request("CN=server", _serverKey, isAuthority: false);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], true));
        using X509Certificate2 server = Issue(_plant, _plantKey, request, 4);
        string? reason = _trust.WhyNot(server, [], "localhost", null, s_now);
        Assert.Equal(isAccepted, reason is null);
    }

    private void ReplacePlant(Action<CertificateRequest> change)
    {
        CertificateRequest request = Request("CN=plant", _plantKey, isAuthority: true);
        change(request);
        if (request.CertificateExtensions.OfType<X509KeyUsageExtension>().Count() > 1)
        {
            request.CertificateExtensions.RemoveAt(1);
        }

        using X509Certificate2 plant = Issue(_root, _rootKey, request, 2);
        Write("issuers/certs/plant.der", plant.RawData);
        Write("issuers/crl/plant.crl", Revocations(plant, _plantKey, 1));
    }

    private string? Reason() => _trust.WhyNot(_server, [], "localhost", null, s_now);

    private void Write(string name, byte[] bytes)
    {
        string file = _folder.Combine(name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
    }

    private static CertificateRequest Request(string subject, RSA key, bool isAuthority)
    {
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | (isAuthority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : 0), true));
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private static X509Certificate2 Issue(X509Certificate2 issuer, RSA key, CertificateRequest request, byte serial) => request.Create(
        issuer.SubjectName, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), s_now.AddDays(-1), s_now.AddDays(1),
        [serial]);

    private static byte[] Revocations(X509Certificate2 issuer, RSA key, int number, params X509Certificate2[] revoked) =>
        Revocations(issuer, key, number, false, revoked);

    private static byte[] Revocations(X509Certificate2 issuer, RSA key, int number, bool ended, params X509Certificate2[] revoked)
    {
        CertificateRevocationListBuilder builder = new();
        Array.ForEach(revoked, one => builder.AddEntry(one));
        return builder.Build(
            issuer.SubjectName, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), number,
            ended ? s_now.AddHours(-1) : s_now.AddDays(1), HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, false, true), s_now.AddHours(-2));
    }
}
