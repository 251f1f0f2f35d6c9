namespace Estream.Fuzz.Crypto;

/// <summary>What happens to bytes on their way: cut, made longer, overwritten from somewhere on, or one bit changed.</summary>
internal static class Damage
{
    /// <summary>A damaged copy; now and then, where chance writes what was there, a whole one.</summary>
    public static byte[] Of(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];

        // Of nothing there is nothing to cut or change.
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
