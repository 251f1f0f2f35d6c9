using System.Security.Cryptography;
using System.Text;
using Estream.Core;

namespace Estream.Crypto.Internal;

/// <summary>Reads and creates key files. Private key files are created with access for their owner only, and are rejected if other users
/// have access.</summary>
internal static class KeyFile
{
    private const string What = "key file";

    private static ReadOnlySpan<byte> PrivateLabel => "PRIVATE KEY"u8;

    /// <summary>Reads a file that is not larger than the buffer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isPrivate">Whether only the file's owner may have access.</param>
    /// <param name="buffer">Receives the content; one byte longer than the largest accepted file.</param>
    /// <returns>The length of the content, in bytes.</returns>
    public static int Read(string path, bool isPrivate, Span<byte> buffer)
    {
        SecretFileOutcome outcome = SecretFile.Read(path, What, isPrivate, buffer, out int length, out UnixFileMode mode);
        return outcome switch
        {
            SecretFileOutcome.OthersMayUse => throw new EstreamStorageException(
                $"Users other than its owner have access to the key file '{path}' (mode {Convert.ToString((int)mode, 8)}). Run 'chmod 600' "
                + "on the file. Replace the key if another user may have read it.",
                path, StorageFailure.AccessDenied),
            SecretFileOutcome.TooLong =>
                throw new EstreamStorageException($"The key file '{path}' has more than {buffer.Length - 1} bytes. Check the path.", path,
                    StorageFailure.Other),
            _ => length,
        };
    }

    /// <summary>Returns a copy of an error whose message includes the path of the file.</summary>
    public static EstreamInvalidKeyException Named(string path, EstreamInvalidKeyException mistake) =>
        new($"The key file '{path}': {mistake.Message}", mistake.Fault);

    /// <summary>Reads the key file of a public key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The maximum size of such a file.</param>
    /// <param name="import">Creates the key from the content.</param>
    public static TKey LoadPublic<TKey>(string path, int maxBytes, Func<ReadOnlySpan<byte>, TKey> import)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] text = new byte[maxBytes + 1];
        int length = Read(path, isPrivate: false, text);
        return Import(path, text.AsSpan(0, length), import);
    }

    /// <summary>Reads the key file of a private key. Overwrites the content in memory afterwards.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The maximum size of such a file.</param>
    /// <param name="import">Creates the key from the content.</param>
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

    /// <summary>Reads the content of a public key file: a line with the algorithm's name followed by the key in base64, or a
    /// SubjectPublicKeyInfo in PEM.</summary>
    /// <param name="text">The content.</param>
    /// <param name="algorithm">The algorithm's name.</param>
    /// <param name="maxBytes">The maximum size of such a file.</param>
    /// <param name="import">Creates the key from its encoded bytes.</param>
    /// <param name="importInfo">Creates the key from a SubjectPublicKeyInfo in DER.</param>
    /// <exception cref="EstreamInvalidKeyException">The text does not contain a public key of this algorithm.</exception>
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

    /// <summary>Reads the content of a private key file: PKCS#8 in PEM. Overwrites the decoded bytes in memory afterwards.</summary>
    /// <param name="text">The content. The caller clears it.</param>
    /// <param name="algorithm">The algorithm's name.</param>
    /// <param name="maxInfoBytes">The maximum size of the PKCS#8 structure.</param>
    /// <param name="import">Creates the key from a PKCS#8 structure in DER.</param>
    /// <exception cref="EstreamInvalidKeyException">The text does not contain a private key of this algorithm.</exception>
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

    /// <summary>Creates a public key file: a line with the algorithm's name, then the key in base64 (RFC 4648, section 4).</summary>
    /// <param name="path">The path of the new file. No file may exist there.</param>
    /// <param name="algorithm">The algorithm's name.</param>
    /// <param name="key">The encoded key.</param>
    public static void SavePublic(string path, string algorithm, ReadOnlySpan<byte> key)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Create(path, isPrivate: false, [.. FirstLine(algorithm), .. Encoding.ASCII.GetBytes(Convert.ToBase64String(key)), (byte)'\n']);
    }

    /// <summary>Creates a private key file: unencrypted PKCS#8 in PEM. Overwrites the structure in memory afterwards.</summary>
    /// <param name="path">The path of the new file. No file may exist there.</param>
    /// <param name="infoBytes">The size of the PKCS#8 structure.</param>
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

    /// <summary>Creates a new file. The file is durable when this method returns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isPrivate">Whether only the file's owner gets access.</param>
    /// <param name="content">Its content.</param>
    public static void Create(string path, bool isPrivate, ReadOnlySpan<byte> content) => SecretFile.Create(path, What, isPrivate, content);

    /// <summary>Creates a new file with a structure in PEM. Overwrites the PEM text in memory afterwards.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isPrivate">Whether only the file's owner gets access.</param>
    /// <param name="label">The PEM label after BEGIN.</param>
    /// <param name="structure">The bytes to encode. The caller clears them.</param>
    public static void CreatePem(string path, bool isPrivate, ReadOnlySpan<byte> label, ReadOnlySpan<byte> structure)
    {
        byte[] text = Secret.Allocate<byte>(PemEncoding.GetEncodedSize(label.Length, structure.Length) + 1);
        try
        {
            if (!PemEncoding.TryWriteUtf8(label, structure, text, out int written))
            {
                throw new InvalidOperationException("The PEM text does not have the size computed for it.");
            }

            text[written] = (byte)'\n';
            Create(path, isPrivate, text.AsSpan(0, written + 1));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Decodes a file of two lines: the algorithm's name, and the key in base64.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="firstLine">The first line, including its newline.</param>
    /// <param name="destination">Receives the decoded bytes.</param>
    /// <returns>The number of decoded bytes, or -1 if the text is not such a file or is too long.</returns>
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

    /// <summary>Decodes a PEM file with a given label.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="label">The required PEM label after BEGIN.</param>
    /// <param name="destination">Receives the decoded bytes.</param>
    /// <returns>The number of decoded bytes, or -1 if the text is not such a file or is too long.</returns>
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

    /// <summary>Creates a key from a file's content; adds the file's path to errors.</summary>
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
