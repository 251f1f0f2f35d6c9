using Estream.Crypto;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests.Signatures;

/// <summary>A schema with a signature, its messages, and keys from fixed seeds.</summary>
internal static class Payments
{
    public static EsfSchema Schema { get; } = Schemas.One("""
        Payment:
          fields:
            order: { type: u64 }
            payer: { type: string }
            payee: { type: string }
            signature: { type: pq_signature, optional: true }
            note: { type: string, optional: true }
        """);

    public static MlDsa87PrivateKey Key(byte seed) =>
        MlDsa87PrivateKey.ImportSeed(Enumerable.Range(seed, 32).Select(i => (byte)i).ToArray());

    /// <summary>A message without the signature field.</summary>
    public static byte[] Unsigned(ulong order = 7, string payer = "ann") =>
        Schemas.Encode(Schema, $$"""{"order":{{order}},"payer":"{{payer}}","payee":"bob","note":"rent"}""");

    /// <summary>A signed message whose signature field follows the other values.</summary>
    public static byte[] Signed(MlDsa87PrivateKey key, ulong order = 7, string payer = "ann")
    {
        byte[] message = WithField(Unsigned(order, payer));
        Assert.True(EsfSignature.Sign(Schema, message, key).IsOk);
        return message;
    }

    public static byte[] WithField(byte[] message)
    {
        byte[] buffer = new byte[message.Length + EsfSignature.MaxAddedBytes];
        message.CopyTo(buffer, 0);
        int length = message.Length;
        Assert.True(EsfSignature.Reserve(Schema, buffer, ref length).IsOk);
        Assert.Equal(message.Length + EsfLimits.PqSignatureBytes, length);
        return buffer;
    }
}
