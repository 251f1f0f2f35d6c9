using System.Security.Cryptography;
using System.Text;
using Estream.Core;

namespace Estream.Crypto.Internal;

/// <summary>Files that hold keys. Private ones are made so that only their owner may use them, and are refused where others may.</summary>
internal static class KeyFile
{
    private const string What = "key file";

    private static ReadOnlySpan<byte> PrivateLabel => "PRIVATE KEY"u8;

    /// <summary>Reads a file that is not larger than the buffer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isPrivate">Whether nobody but its owner may be able to use it.</param>
    /// <param name="buffer">Becomes its content.</param>
    /// <returns>How many bytes it has.</returns>
    public static int Read(string path, bool isPrivate, Span<byte> buffer)
    {
        SecretFileOutcome outcome = SecretFile.Read(path, What, isPrivate, buffer, out int length, out UnixFileMode mode);
        return outcome switch
        {
            SecretFileOutcome.OthersMayUse => throw new EstreamStorageException(
                $"Others than its owner may use the key file '{path}' (mode {Convert.ToString((int)mode, 8)}). Make it 'chmod 600', and a "
                + "new key if somebody may have read it.",
                path, StorageFailure.AccessDenied),
            SecretFileOutcome.TooLong =>
                throw new EstreamStorageException($"The key file '{path}' has more than {buffer.Length - 1} bytes. Check the path.", path,
                    StorageFailure.Other),
            _ => length,
        };
    }

    /// <summary>The same mistake with the file that has it.</summary>
    public static EstreamInvalidKeyException Named(string path, EstreamInvalidKeyException mistake) =>
        new($"The key file '{path}': {mistake.Message}", mistake.Fault);

    /// <summary>Reads the key file of a public key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Most bytes of such a file.</param>
    /// <param name="import">Makes the key of the content.</param>
    public static TKey LoadPublic<TKey>(string path, int maxBytes, Func<ReadOnlySpan<byte>, TKey> import)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] text = new byte[maxBytes + 1];
        int length = Read(path, isPrivate: false, text);
        return Import(path, text.AsSpan(0, length), import);
    }

    /// <summary>Reads the key file of a private key. What was read is overwritten in memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Most bytes of such a file.</param>
    /// <param name="import">Makes the key of the content.</param>
    public static TKey LoadPrivate<TKey>(string path, int maxBytes, Func<ReadOnlySpan<byte>, TKey> import)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] text = Secret.Allocate<byte>(maxBytes + 1);
        try
        {
            return Import(path, text.AsSpan(0, Read(path, isPrivate: true, text)), import);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Reads the content of a public key file: the line that names the algorithm and the key in base64, or a SubjectPublicKeyInfo
    /// in PEM.</summary>
    /// <param name="text">The content.</param>
    /// <param name="algorithm">The algorithm's name.</param>
    /// <param name="maxBytes">Most bytes of such a file.</param>
    /// <param name="import">Makes the key of its bytes.</param>
    /// <param name="importInfo">Makes the key of a SubjectPublicKeyInfo in DER.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    public static TKey ImportPublicText<TKey>(
        ReadOnlySpan<byte> text, string algorithm, int maxBytes, Func<ReadOnlySpan<byte>, TKey> import,
        Func<ReadOnlySpan<byte>, TKey> importInfo)
    {
        byte[] firstLine = FirstLine(algorithm);
        byte[] decoded = new byte[maxBytes];
        int length = DecodeLine(text, firstLine, decoded);
        if (length >= 0)
        {
            return import(decoded.AsSpan(0, length));
        }

        length = text.StartsWith(firstLine) ? -1 : DecodePem(text, "PUBLIC KEY"u8, decoded);
        if (length < 0)
        {
            KeyCheck.ThrowEncoding(algorithm, $"public key file ('algorithm: {algorithm}' and a line of base64, or PEM)");
        }

        return importInfo(decoded.AsSpan(0, length));
    }

    /// <summary>Reads the content of a private key file: PKCS#8 in PEM. What was decoded is overwritten in memory.</summary>
    /// <param name="text">The content. The caller clears it.</param>
    /// <param name="algorithm">The algorithm's name.</param>
    /// <param name="maxInfoBytes">Most bytes of the PKCS#8 structure.</param>
    /// <param name="import">Makes the key of a PKCS#8 structure in DER.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    public static TKey ImportPrivatePem<TKey>(ReadOnlySpan<byte> text, string algorithm, int maxInfoBytes,
        Func<ReadOnlySpan<byte>, TKey> import)
    {
        byte[] info = Secret.Allocate<byte>(maxInfoBytes);
        try
        {
            int length = DecodePem(text, PrivateLabel, info);
            if (length < 0)
            {
                KeyCheck.ThrowEncoding(algorithm, "private key file (PKCS#8 in PEM)");
            }

            return import(info.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(info);
        }
    }

    /// <summary>Makes a public key file: the line that names the algorithm, and the key in base64 (RFC 4648, section 4).</summary>
    /// <param name="path">Its path, where nothing is yet.</param>
    /// <param name="algorithm">The algorithm's name.</param>
    /// <param name="key">The encoded key.</param>
    public static void SavePublic(string path, string algorithm, ReadOnlySpan<byte> key)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Create(path, isPrivate: false, [.. FirstLine(algorithm), .. Encoding.ASCII.GetBytes(Convert.ToBase64String(key)), (byte)'\n']);
    }

    /// <summary>Makes a private key file: PKCS#8 in PEM, not encrypted. The structure is overwritten in memory.</summary>
    /// <param name="path">Its path, where nothing is yet.</param>
    /// <param name="infoBytes">Bytes of the PKCS#8 structure.</param>
    /// <param name="export">Writes the PKCS#8 structure.</param>
    public static void SavePrivate(string path, int infoBytes, Action<Span<byte>> export)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] info = Secret.Allocate<byte>(infoBytes);
        try
        {
            export(info);
            CreatePem(path, isPrivate: true, PrivateLabel, info);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(info);
        }
    }

    /// <summary>Makes a file that is not there yet, and has it on the device when it returns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isPrivate">Whether only its owner may use it.</param>
    /// <param name="content">Its content.</param>
    public static void Create(string path, bool isPrivate, ReadOnlySpan<byte> content) => SecretFile.Create(path, What, isPrivate, content);

    /// <summary>Makes a file that is not there yet of a structure in PEM. What it was written through is overwritten.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isPrivate">Whether only its owner may use it.</param>
    /// <param name="label">What stands behind BEGIN.</param>
    /// <param name="structure">What is encoded. The caller clears it.</param>
    public static void CreatePem(string path, bool isPrivate, ReadOnlySpan<byte> label, ReadOnlySpan<byte> structure)
    {
        byte[] text = Secret.Allocate<byte>(PemEncoding.GetEncodedSize(label.Length, structure.Length) + 1);
        try
        {
            if (!PemEncoding.TryWriteUtf8(label, structure, text, out int written))
            {
                throw new InvalidOperationException("The size of a PEM text is another one than was said.");
            }

            text[written] = (byte)'\n';
            Create(path, isPrivate, text.AsSpan(0, written + 1));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Decodes a file of two lines: one that names the algorithm, and the key in base64.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="firstLine">The first line, with its end.</param>
    /// <param name="destination">Becomes the decoded bytes.</param>
    /// <returns>How many there are, or -1 where it is not such a file or too long.</returns>
    public static int DecodeLine(ReadOnlySpan<byte> text, ReadOnlySpan<byte> firstLine, Span<byte> destination)
    {
        if (!text.StartsWith(firstLine))
        {
            return -1;
        }

        ReadOnlySpan<byte> line = text[firstLine.Length..];
        line = line.EndsWith("\n"u8) ? line[..^1] : line;
        return System.Buffers.Text.Base64.DecodeFromUtf8(line, destination, out _, out int written) == System.Buffers.OperationStatus.Done
            ? written
            : -1;
    }

    /// <summary>Reads a PEM file of one kind and decodes it.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="label">What must stand behind BEGIN.</param>
    /// <param name="destination">Becomes the decoded bytes.</param>
    /// <returns>How many there are, or -1 where it is not such a file or too long.</returns>
    public static int DecodePem(ReadOnlySpan<byte> text, ReadOnlySpan<byte> label, Span<byte> destination)
    {
        if (!PemEncoding.TryFindUtf8(text, out PemFields fields) || !text[fields.Label].SequenceEqual(label)
            || fields.DecodedDataLength > destination.Length)
        {
            return -1;
        }

        return System.Buffers.Text.Base64.DecodeFromUtf8(text[fields.Base64Data], destination, out _,
            out int written) == System.Buffers.OperationStatus.Done ? written : -1;
    }

    private static byte[] FirstLine(string algorithm) => Encoding.ASCII.GetBytes($"algorithm: {algorithm}\n");

    /// <summary>Makes the key of a file's content; a mistake names the file.</summary>
    private static TKey Import<TKey>(string path, ReadOnlySpan<byte> text, Func<ReadOnlySpan<byte>, TKey> import)
    {
        try
        {
            return import(text);
        }
        catch (EstreamInvalidKeyException mistake)
        {
            throw Named(path, mistake);
        }
    }
}
