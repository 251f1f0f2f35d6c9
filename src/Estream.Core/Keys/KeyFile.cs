using System.Security.Cryptography;
using System.Text;

namespace Estream.Core.Keys;

/// <summary>Reads master keys from a text file. Overwrites the bytes it has read; only ids become strings.</summary>
internal static class KeyFile
{
    private const int MaxBytes = 16 << 10;

    public static QueueKeyRing Read(string path)
    {
        byte[] buffer = GC.AllocateArray<byte>(MaxBytes + 1, pinned: true);
        try
        {
            return Parse(buffer.AsSpan(0, Load(path, buffer)), path);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static int Load(string path, byte[] buffer) =>
        SecretFile.Read(path, "key file", isSecret: true, buffer, out int length, out UnixFileMode mode) switch
    {
        SecretFileOutcome.OthersMayUse =>
            throw new EstreamKeyException(
                $"Users other than the owner can access the key file '{path}' (mode {Convert.ToString((int)mode, 8)}). Run 'chmod 600' on "
                + "it, and create new keys if another user may have read it.", path),
        SecretFileOutcome.TooLong =>
            throw new EstreamKeyException($"The key file '{path}' has more than {MaxBytes} bytes. Check the path.", path),
        _ => length,
    };

    private static QueueKeyRing Parse(ReadOnlySpan<byte> text, string path)
    {
        QueueKeyRing? ring = null;
        int number = 0;
        try
        {
            foreach (Range range in text.Split((byte)'\n'))
            {
                number++;
                ReadOnlySpan<byte> line = text[range].Trim(" \t\r"u8);
                if (line.IsEmpty || line[0] == (byte)'#')
                {
                    continue;
                }

                AddLine(ref ring, line, path, number);
            }

            return ring ?? throw new EstreamKeyException(
                $"The key file '{path}' holds no key. Add a line of an id and 64 hexadecimal digits.", path);
        }
        catch
        {
            ring?.Dispose();
            throw;
        }
    }

    private static void AddLine(ref QueueKeyRing? ring, ReadOnlySpan<byte> line, string path, int number)
    {
        int blank = line.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlySpan<byte> digits = blank < 0 ? default : line[blank..].Trim(" \t"u8);
        string id = blank is > 0 and <= MasterKeyId.MaxLength ? Encoding.ASCII.GetString(line[..blank]) : "";
        Span<byte> key = stackalloc byte[QueueKeyRing.KeyBytes];
        try
        {
            if (!MasterKeyId.IsValid(id) || digits.Length != 2 * key.Length
                || Convert.FromHexString(digits, key, out _, out _) != System.Buffers.OperationStatus.Done)
            {
                throw new EstreamKeyException(
                    $"Line {number} of the key file '{path}' is not an id, a blank and {2 * key.Length} hexadecimal digits.", path);
            }

            if (ring is null)
            {
                ring = new QueueKeyRing(id, key);
            }
            else
            {
                ring.Add(id, key);
            }
        }
        catch (Exception refused) when (refused is ArgumentException or InvalidOperationException)
        {
            throw new EstreamKeyException($"Line {number} of the key file '{path}': {refused.Message}", path, id, refused);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
