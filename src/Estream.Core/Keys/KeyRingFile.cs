using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Core.Keys;

/// <summary>Unwraps the master key of a line.</summary>
/// <param name="id">The id of the key.</param>
/// <param name="wrapped">The wrapped key: <see cref="KeyRingFile.WrappedBytes"/> bytes.</param>
/// <param name="key">Receives the key: <see cref="QueueKeyRing.KeyBytes"/> bytes.</param>
/// <returns>False if the private key does not belong to the wrapped key, or the line was changed.</returns>
internal delegate bool MasterKeyUnwrapper(string id, ReadOnlySpan<byte> wrapped, Span<byte> key);

/// <summary>Reads master keys from a text file. Overwrites the bytes it has read; only ids become strings.</summary>
internal sealed class KeyRingFile
{
    /// <summary>The maximum size of a file: room for the maximum number of wrapped keys, and for remarks.</summary>
    public const int MaxBytes = 160 << 10;

    /// <summary>The size of a wrapped key: a ciphertext of ML-KEM-1024 and a check value. A multiple of 3, so its base64 has no
    /// padding.</summary>
    public const int WrappedBytes = 1568 + CheckBytes;

    /// <summary>The size of the value that shows whether the right private key unwrapped a key.</summary>
    public const int CheckBytes = 16;

    private const int WrappedChars = WrappedBytes / 3 * 4;

    private readonly string _path;
    private readonly string? _privateKeyFile;
    private readonly MasterKeyUnwrapper? _unwrap;
    private int _number;

    private KeyRingFile(string path, string? privateKeyFile, MasterKeyUnwrapper? unwrap)
    {
        _path = path;
        _privateKeyFile = privateKeyFile;
        _unwrap = unwrap;
    }

    /// <summary>What a wrapped key begins with, after the id and a blank.</summary>
    public static ReadOnlySpan<byte> WrappedPrefix => "ml-kem-1024:"u8;

    /// <summary>Reads the keys of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="privateKeyFile">The file of the private key that <paramref name="unwrap"/> uses, for errors.</param>
    /// <param name="unwrap">Unwraps wrapped keys; null if there is no private key.</param>
    public static QueueKeyRing Read(string path, string? privateKeyFile = null, MasterKeyUnwrapper? unwrap = null)
    {
        byte[] buffer = GC.AllocateArray<byte>(MaxBytes + 1, pinned: true);
        try
        {
            return Parse(buffer.AsSpan(0, Load(path, buffer)), path, privateKeyFile, unwrap);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>Reads a file that only its owner may access into a buffer of <see cref="MaxBytes"/> + 1 bytes.</summary>
    /// <returns>The length of the content, in bytes.</returns>
    public static int Load(string path, Span<byte> buffer) =>
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

    /// <summary>Reads the keys of the content of a file.</summary>
    /// <param name="text">The content.</param>
    /// <param name="path">The file, for errors.</param>
    /// <param name="privateKeyFile">The file of the private key, for errors.</param>
    /// <param name="unwrap">Unwraps wrapped keys; null if there is no private key.</param>
    /// <param name="firstLine">The number of the first line, for errors.</param>
    public static QueueKeyRing Parse(ReadOnlySpan<byte> text, string path, string? privateKeyFile, MasterKeyUnwrapper? unwrap,
        int firstLine = 1)
    {
        KeyRingFile file = new(path, privateKeyFile, unwrap) { _number = firstLine - 1 };
        QueueKeyRing? ring = null;
        try
        {
            foreach (Range range in text.Split((byte)'\n'))
            {
                file._number++;
                ReadOnlySpan<byte> line = text[range].Trim(" \t\r"u8);
                if (!line.IsEmpty && line[0] != (byte)'#')
                {
                    file.AddLine(ref ring, line);
                }
            }

            return ring ?? throw new EstreamKeyException(
                $"The key file '{path}' holds no key. Add a line of an id and 64 hexadecimal digits, or run 'estream key add-master'.",
                path);
        }
        catch
        {
            ring?.Dispose();
            throw;
        }
    }

    private void AddLine(ref QueueKeyRing? ring, ReadOnlySpan<byte> line)
    {
        int blank = line.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlySpan<byte> text = blank < 0 ? default : line[blank..].Trim(" \t"u8);
        string id = blank is > 0 and <= MasterKeyId.MaxLength ? Encoding.ASCII.GetString(line[..blank]) : "";
        Span<byte> key = stackalloc byte[QueueKeyRing.KeyBytes];
        try
        {
            if (MasterKeyId.IsValid(id) && text.StartsWith(WrappedPrefix))
            {
                Unwrap(id, text[WrappedPrefix.Length..], key);
            }
            else if (!MasterKeyId.IsValid(id) || text.Length != 2 * key.Length
                || Convert.FromHexString(text, key, out _, out _) != OperationStatus.Done)
            {
                throw new EstreamKeyException(
                    $"Line {_number} of the key file '{_path}' is not an id, a blank and {2 * key.Length} hexadecimal digits or "
                    + "'ml-kem-1024:' and a wrapped key.", _path);
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
            throw new EstreamKeyException($"Line {_number} of the key file '{_path}': {refused.Message}", _path, id, refused);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private void Unwrap(string id, ReadOnlySpan<byte> text, Span<byte> key)
    {
        // The exact length excludes blanks, which the decoder would skip.
        Span<byte> wrapped = stackalloc byte[WrappedBytes];
        if (text.Length != WrappedChars
            || Base64.DecodeFromUtf8(text, wrapped, out _, out int written) != OperationStatus.Done || written != WrappedBytes)
        {
            throw new EstreamKeyException(
                $"Line {_number} of the key file '{_path}': after 'ml-kem-1024:', master key '{id}' is not {WrappedChars} characters of "
                + "base64. Copy the whole line.", _path, id);
        }

        if (_unwrap is null)
        {
            throw new EstreamKeyException(
                $"Line {_number} of the key file '{_path}': master key '{id}' is wrapped by ML-KEM-1024, and no private key was given. "
                + "Name its file: --private-key, the setting PrivateKeyFile of a host, or MasterKeyFile.Read in a program.", _path, id);
        }

        if (!_unwrap(id, wrapped, key))
        {
            throw new EstreamKeyException(
                $"Line {_number} of the key file '{_path}': the private key '{_privateKeyFile}' does not belong to master key '{id}', or "
                + "the line was changed. Give the private key for which the key was wrapped, or restore the file from a copy.", _path, id);
        }
    }
}
