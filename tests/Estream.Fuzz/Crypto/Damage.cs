namespace Estream.Fuzz.Crypto;

/// <summary>Damages bytes as transport does: truncates, extends, overwrites from a random offset, or changes one bit.</summary>
internal static class Damage
{
    /// <summary>Returns a damaged copy. The copy is occasionally intact, if the random bytes equal the original.</summary>
    public static byte[] Of(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];

        // Empty input has no bytes to cut or change.
        switch (whole.Length == 0 ? 1 : random.Next(4))
        {
            case 0:
                return bytes[..random.Next(whole.Length)];
            case 1:
                return [.. bytes, .. new byte[random.Next(1, 64)]];
            case 2:
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                return bytes;
            default:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }
}
