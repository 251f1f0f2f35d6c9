using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;

namespace Estream.Wire.OpcUa.Security;

/// <summary>
/// A trust list in a folder (Part 12, 7.8): trusted/certs and trusted/crl, issuers/certs and issuers/crl, and rejected. Files are read at
/// each check, so an operator changes the list without a restart. Thread-safe.
/// </summary>
/// <remarks>
/// A certificate is accepted if it is in trusted/certs, or if its chain ends at an authority there or passes through one. Authorities in
/// issuers/certs complete chains and are not trusted by themselves. Each authority of a chain needs a signed revocation list that is not
/// out of date.
/// </remarks>
internal sealed class TrustFolder
{
    private const int MaxRejected = 100;
    private const int MaxFiles = 1_000;
    private const int MaxChain = 10;
    private const string NameConstraints = "2.5.29.30";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly string _folder;

    public TrustFolder(string folder) => _folder = folder;

    /// <summary>Checks the certificate of a server (Part 4, 6.1.3).</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="chain">The certificates that the server sent with it.</param>
    /// <param name="host">The host of the endpoint.</param>
    /// <param name="applicationUri">The application URI of the endpoint; null if unknown.</param>
    /// <param name="now">The present time.</param>
    /// <returns>Null if the certificate is accepted; otherwise why not and what to do.</returns>
    public string? WhyNot(
        X509Certificate2 certificate, IReadOnlyList<X509Certificate2> chain, string host, string? applicationUri, DateTimeOffset now)
    {
        try
        {
            List<X509Certificate2> trusted = ReadCertificates("trusted");
            bool isPinned = trusted.Exists(one => IsSame(one, certificate));
            string? reason = WhyNotAny(certificate, applicationUri, now)
                ?? (isPinned ? null : WhyNotHost(certificate, host))
                ?? (isPinned && !IsIssued(certificate) ? null : WhyNotChain(certificate, chain, trusted, isPinned, now));
            if (reason is not null)
            {
                string kept = Reject(certificate);
                return $"{reason} The certificate is in {kept}. To trust it, compare its SHA-256 fingerprint "
                    + $"{Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))} with the server's, and move it to "
                    + $"{Path.Combine(_folder, "trusted", "certs")}.";
            }

            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException
            or AsnContentException or EstreamStorageException)
        {
            return $"The trust list {_folder} or the certificate cannot be read: {failure.Message}";
        }
    }

    private static string? WhyNotAny(X509Certificate2 certificate, string? applicationUri, DateTimeOffset now)
    {
        using RSA? key = certificate.GetRSAPublicKey();
        if (key is null || key.KeySize is < PolicyAlgorithms.MinKeyBits or > PolicyAlgorithms.MaxKeyBits)
        {
            return $"Its key is not an RSA key with {PolicyAlgorithms.MinKeyBits} to {PolicyAlgorithms.MaxKeyBits} bits.";
        }

        if (now < certificate.NotBefore || now > certificate.NotAfter)
        {
            return $"It is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u} only.";
        }

        X509KeyUsageExtension? usage = certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        if (usage is not null && (usage.KeyUsages & X509KeyUsageFlags.DigitalSignature) == 0)
        {
            return "Its key usage does not permit signatures.";
        }

        if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } purposes
            && !purposes.EnhancedKeyUsages.Cast<Oid>().Any(purpose => purpose.Value == ServerAuthentication))
        {
            return "Its extended key usage does not permit servers.";
        }

        return applicationUri is not null && SubjectNames.Of(certificate).Uri != applicationUri
            ? $"Its application URI differs from '{applicationUri}' of the endpoint."
            : null;
    }

    private static string? WhyNotHost(X509Certificate2 certificate, string host) =>
        SubjectNames.Of(certificate).Covers(host) ? null : $"It is not for host '{host}'.";

    private string? WhyNotChain(
        X509Certificate2 certificate, IReadOnlyList<X509Certificate2> sent, List<X509Certificate2> trusted, bool isPinned,
        DateTimeOffset now)
    {
        List<X509Certificate2> issuers = ReadCertificates("issuers");
        List<X509Certificate2> candidates = [.. trusted, .. issuers, .. sent];
        bool isTrusted = isPinned;
        X509Certificate2 current = certificate;
        for (int depth = 0; depth < MaxChain && IsIssued(current); depth++)
        {
            X509Certificate2? issuer = candidates.Find(one => IsIssuerOf(one, current));
            if (issuer is null)
            {
                return "Its issuer is neither in trusted/certs nor in issuers/certs.";
            }

            if (now < issuer.NotBefore || now > issuer.NotAfter)
            {
                return $"Its issuer {issuer.Subject} is valid from {issuer.NotBefore:u} to {issuer.NotAfter:u} only.";
            }

            if ((WhyNotIssuer(issuer, depth) ?? WhyRevoked(current, issuer, now)) is { } reason)
            {
                return reason;
            }

            isTrusted |= trusted.Exists(one => IsSame(one, issuer));
            current = issuer;
        }

        return IsIssued(current) ? $"Its chain has more than {MaxChain} certificates." : isTrusted ? null : "It is not trusted.";
    }

    /// <summary>Checks what an authority may issue (RFC 5280, 4.2.1.3, 4.2.1.9 and 6.1.4).</summary>
    /// <param name="issuer">A certificate of an authority.</param>
    /// <param name="authoritiesBelow">The number of authorities between this one and the server.</param>
    private static string? WhyNotIssuer(X509Certificate2 issuer, int authoritiesBelow)
    {
        foreach (X509Extension extension in issuer.Extensions)
        {
            switch (extension)
            {
                case X509KeyUsageExtension usage when (usage.KeyUsages & X509KeyUsageFlags.KeyCertSign) == 0:
                    return $"The key usage of its issuer {issuer.Subject} does not permit issuing certificates.";
                case X509BasicConstraintsExtension { HasPathLengthConstraint: true } limits
                    when limits.PathLengthConstraint < authoritiesBelow:
                    return $"Its issuer {issuer.Subject} permits {limits.PathLengthConstraint} authorities below itself, and the chain has "
                        + $"{authoritiesBelow}.";
                case { Critical: true, Oid.Value: NameConstraints }:
                    return $"Its issuer {issuer.Subject} limits the names that it may issue, which this program does not check.";
            }
        }

        return null;
    }

    private string? WhyRevoked(X509Certificate2 certificate, X509Certificate2 issuer, DateTimeOffset now)
    {
        bool isListed = false;
        foreach (byte[] file in ReadFiles("trusted", "crl").Concat(ReadFiles("issuers", "crl")))
        {
            RevocationFile list = RevocationFile.Parse(file);
            if (!list.IsOf(issuer))
            {
                continue;
            }

            if (list.Revokes(certificate))
            {
                return $"It, or an authority of its chain, is revoked: {certificate.Subject}.";
            }

            isListed |= list.NextUpdate is null || list.NextUpdate >= now;
        }

        return isListed
            ? null
            : $"There is no current revocation list of {issuer.Subject}. Put one into trusted/crl or issuers/crl.";
    }

    /// <summary>Keeps a rejected certificate for the operator. The oldest is deleted when there are too many.</summary>
    private string Reject(X509Certificate2 certificate)
    {
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(_folder, "rejected"));
        string file = Path.Combine(folder.FullName, $"{certificate.Thumbprint}.der");
        if (!File.Exists(file))
        {
            FileInfo[] kept = folder.GetFiles("*.der");
            if (kept.Length >= MaxRejected)
            {
                kept.MinBy(one => one.LastWriteTimeUtc)!.Delete();
            }

            File.WriteAllBytes(file, certificate.RawData);
        }

        return file;
    }

    private List<X509Certificate2> ReadCertificates(string list) => [.. ReadFiles(list, "certs").Select(Load)];

    private static X509Certificate2 Load(byte[] file) => file.AsSpan().StartsWith("-----"u8)
        ? X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(file))
        : X509CertificateLoader.LoadCertificate(file);

    private IEnumerable<byte[]> ReadFiles(string list, string kind)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, list, kind)).FullName;
        return Directory.EnumerateFiles(folder).Take(MaxFiles).Order(StringComparer.Ordinal).Select(file =>
        {
            FileKinds.ThrowIfSpecial(file);
            return File.ReadAllBytes(file);
        });
    }

    private static bool IsSame(X509Certificate2 one, X509Certificate2 other) =>
        one.RawDataMemory.Span.SequenceEqual(other.RawDataMemory.Span);

    private static bool IsIssued(X509Certificate2 certificate) =>
        !certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static bool IsIssuerOf(X509Certificate2 issuer, X509Certificate2 certificate)
    {
        bool isAuthority = issuer.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority == true;
        return isAuthority && issuer.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
            && SignedDocument.Parse(certificate.RawData).IsSignedBy(issuer);
    }
}

/// <summary>A certificate or revocation list as signed content and signature (RFC 5280, 4.1 and 5.1).</summary>
internal sealed record SignedDocument(ReadOnlyMemory<byte> Content, string Algorithm, byte[] Signature)
{
    /// <exception cref="AsnContentException">The bytes have another form.</exception>
    public static SignedDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        AsnReader document = new AsnReader(bytes, AsnEncodingRules.DER).ReadSequence();
        ReadOnlyMemory<byte> content = document.ReadEncodedValue();
        string algorithm = document.ReadSequence().ReadObjectIdentifier();
        return new SignedDocument(content, algorithm, document.ReadBitString(out _));
    }

    /// <summary>Verifies an RSA signature with SHA-256, SHA-384 or SHA-512; other algorithms are refused.</summary>
    public bool IsSignedBy(X509Certificate2 issuer)
    {
        HashAlgorithmName? hash = Algorithm switch
        {
            "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
            _ => null,
        };
        using RSA? key = issuer.GetRSAPublicKey();
        return hash is not null && key is not null && key.VerifyData(Content.Span, Signature, hash.Value, RSASignaturePadding.Pkcs1);
    }
}

/// <summary>A certificate revocation list (RFC 5280, section 5).</summary>
internal sealed class RevocationFile
{
    private readonly SignedDocument _document;
    private readonly HashSet<string> _serials = [];
    private byte[] _issuer = [];

    private RevocationFile(SignedDocument document) => _document = document;

    public DateTimeOffset? NextUpdate { get; private set; }

    /// <exception cref="AsnContentException">The file is malformed.</exception>
    public static RevocationFile Parse(byte[] file)
    {
        ReadOnlyMemory<byte> bytes = file;
        if (file.AsSpan().StartsWith("-----"u8))
        {
            string text = System.Text.Encoding.ASCII.GetString(file);
            PemFields fields = PemEncoding.Find(text);
            bytes = Convert.FromBase64String(text[fields.Base64Data]);
        }

        RevocationFile list = new(SignedDocument.Parse(bytes));
        AsnReader content = new AsnReader(list._document.Content, AsnEncodingRules.DER).ReadSequence();
        if (content.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            content.ReadInteger();
        }

        content.ReadSequence();
        list._issuer = content.ReadEncodedValue().ToArray();
        ReadTime(content);
        if (content.HasData && IsTime(content.PeekTag()))
        {
            list.NextUpdate = ReadTime(content);
        }

        if (content.HasData && content.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            for (AsnReader entries = content.ReadSequence(); entries.HasData;)
            {
                list._serials.Add(Convert.ToHexString(entries.ReadSequence().ReadIntegerBytes().Span));
            }
        }

        return list;
    }

    public bool IsOf(X509Certificate2 issuer) =>
        issuer.SubjectName.RawData.AsSpan().SequenceEqual(_issuer) && _document.IsSignedBy(issuer);

    public bool Revokes(X509Certificate2 certificate) => _serials.Contains(Convert.ToHexString(certificate.SerialNumberBytes.Span));

    private static bool IsTime(Asn1Tag tag) =>
        tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static DateTimeOffset ReadTime(AsnReader content) =>
        content.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? content.ReadUtcTime() : content.ReadGeneralizedTime();
}
