using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Testing;
using Estream.Wire;

namespace Estream.Fuzz.Mqtt;

/// <summary>Reads damaged revocation lists: the result is entries or one of the exceptions for invalid input.</summary>
public sealed class RevocationListFuzzTests
{
    [Fact]
    public void Damaged_revocation_lists_are_read_or_rejected()
    {
        using TestAuthority authority = new();
        using X509Certificate2 certificate = authority.Write("one");
        byte[] seed = authority.RevocationList(certificate);
        byte[] pem = System.Text.Encoding.ASCII.GetBytes(PemEncoding.WriteString("X509 CRL", seed));
        Random random = new(1);
        int count = LongRun.Count(20_000, 1_000_000);
        for (int run = 0; run < count; run++)
        {
            byte[] bytes = [.. run % 4 == 0 ? pem : seed];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                RevocationList.Parse(bytes.AsMemory(0, random.Next(bytes.Length + 1))).IsListed(certificate);
            }
            catch (Exception expected) when (expected is AsnContentException or CryptographicException)
            {
                // Rejected.
            }
        }
    }
}
