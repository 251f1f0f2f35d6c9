using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;

namespace Estream.Wire;

/// <summary>
/// Revoked certificates, from a file with certificate revocation lists (RFC 5280, section 5) in PEM or one in DER. Immutable and
/// thread-safe.
/// </summary>
/// <remarks>Does not verify the signatures of the lists: the operator provides the file, like the file of the authorities. A list remains
/// valid after its next update is due.</remarks>
internal sealed class RevocationList
{
    private const int MaxBytes = 64 << 20;
    private const string PemLabel = "X509 CRL";

    private readonly HashSet<(string Issuer, string Serial)> _revoked = [];

    private RevocationList()
    {
    }

    /// <summary>The number of listed certificates.</summary>
    public int Count => _revoked.Count;

    /// <summary>The earliest next update of the lists; null if none has one.</summary>
    public DateTimeOffset? NextUpdate { get; private set; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="WireConfigurationException">The file cannot be read, or contains no revocation list.</exception>
    public static RevocationList Load(string path)
    {
        try
        {
            FileKinds.ThrowIfSpecial(path);
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new WireConfigurationException("Tls", $"the revocation lists in {path} have more than {MaxBytes} bytes.");
            }

            return Parse(File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException
            or EstreamStorageException or AsnContentException)
        {
            throw new WireConfigurationException("Tls", $"the revocation lists in {path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads lists in PEM, or one in DER.</summary>
    /// <exception cref="AsnContentException">A list is malformed.</exception>
    /// <exception cref="CryptographicException">The content has no revocation list.</exception>
    public static RevocationList Parse(ReadOnlyMemory<byte> content)
    {
        RevocationList list = new();
        if (content.Length > 0 && content.Span[0] == 0x30)
        {
            list.Add(content);
            return list;
        }

        string text = System.Text.Encoding.ASCII.GetString(content.Span);
        bool isAny = false;
        for (ReadOnlySpan<char> rest = text; PemEncoding.TryFind(rest, out PemFields fields); rest = rest[fields.Location.End..])
        {
            if (rest[fields.Label].SequenceEqual(PemLabel))
            {
                list.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
                isAny = true;
            }
        }

        return isAny ? list : throw new CryptographicException($"there is no '-----BEGIN {PemLabel}-----' in it.");
    }

    /// <summary>Whether a certificate is listed, or another certificate of its chain except the root.</summary>
    public bool IsRevoked(X509Certificate2 certificate, X509Chain? chain)
    {
        if (IsListed(certificate))
        {
            return true;
        }

        for (int index = 1; index < chain?.ChainElements.Count - 1; index++)
        {
            if (IsListed(chain!.ChainElements[index].Certificate))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a certificate is listed.</summary>
    public bool IsListed(X509Certificate2 certificate) =>
        _revoked.Contains((Convert.ToHexString(certificate.IssuerName.RawData), HexOf(certificate.SerialNumberBytes.Span)));

    // CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue }
    private void Add(ReadOnlyMemory<byte> der)
    {
        AsnReader list = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (list.PeekTag() == Asn1Tag.Integer)
        {
            list.ReadEncodedValue();
        }

        list.ReadSequence();
        string issuer = Convert.ToHexString(list.ReadEncodedValue().Span);
        ReadTime(list);
        if (list.HasData && IsTime(list.PeekTag()))
        {
            DateTimeOffset next = ReadTime(list);
            NextUpdate = NextUpdate is { } earlier && earlier < next ? earlier : next;
        }

        if (!list.HasData || list.PeekTag() != Asn1Tag.Sequence)
        {
            return;
        }

        AsnReader entries = list.ReadSequence();
        while (entries.HasData)
        {
            _revoked.Add((issuer, HexOf(entries.ReadSequence().ReadIntegerBytes().Span)));
        }
    }

    private static bool IsTime(Asn1Tag tag) => tag == Asn1Tag.UtcTime || tag == Asn1Tag.GeneralizedTime;

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag() == Asn1Tag.UtcTime ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    // An encoded integer may have leading zeros.
    private static string HexOf(ReadOnlySpan<byte> serial) => Convert.ToHexString(serial.TrimStart((byte)0));
}
