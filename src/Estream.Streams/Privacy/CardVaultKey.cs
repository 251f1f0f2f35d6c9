using System.Security.Cryptography;
using Estream.Core;
using Estream.Esf;

namespace Estream.Streams;

/// <summary>The key of a vault, 32 bytes in pinned memory. Disposing overwrites them.</summary>
/// <remarks>Thread-safe until it is disposed. The key file contains 64 hexadecimal digits, and only its owner may have access (mode 600 or
/// 400).</remarks>
public sealed class CardVaultKey : IDisposable
{
    /// <summary>The length of a key in bytes.</summary>
    public const int Bytes = 32;

    private const string What = "key file";
    private const int TextBytes = 2 * Bytes;
    private const int MaxFileBytes = 256;

    private readonly byte[] _key = GC.AllocateArray<byte>(Bytes, pinned: true);

    private CardVaultKey()
    {
    }

    /// <summary>Loads a key from its file.</summary>
    /// <param name="path">The path of the key file.</param>
    /// <exception cref="EsfKeyException">The file is not a valid key file, or users other than its owner may access it.</exception>
    /// <exception cref="EstreamStorageException">The file is missing or cannot be read.</exception>
    public static CardVaultKey Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] text = GC.AllocateArray<byte>(MaxFileBytes + 1, pinned: true);
        try
        {
            SecretFileOutcome outcome = SecretFile.Read(path, What, isSecret: true, text, out int length, out UnixFileMode mode);
            CardVaultKey key = new();
            return outcome == SecretFileOutcome.OthersMayUse
                ? throw new EsfKeyException(
                    $"Users other than the owner can access the key file '{path}' (mode {Convert.ToString((int)mode, 8)}). Run: chmod 600. "
                    + "Anyone who has read it can read all cards of the vault.", path)
                : outcome == SecretFileOutcome.Read && key.TryParse(text.AsSpan(0, length).TrimEnd(" \r\n"u8))
                ? key
                : throw new EsfKeyException(
                    $"The key file '{path}' does not contain {TextBytes} hexadecimal digits. Check the path; 'estream key new --algorithm "
                    + "card-vault' creates a key.", path);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Creates a key and writes it to a new file with mode 600. Never overwrites a file: if a key is lost, all cards are
    /// lost.</summary>
    /// <param name="path">The path of the file, which must not exist.</param>
    /// <returns>The key.</returns>
    /// <exception cref="EstreamStorageException">The file exists, or cannot be written.</exception>
    public static CardVaultKey Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CardVaultKey key = new();
        RandomNumberGenerator.Fill(key._key);
        byte[] text = GC.AllocateArray<byte>(TextBytes + 1, pinned: true);
        try
        {
            Convert.TryToHexStringLower(key._key, text, out _);
            text[TextBytes] = (byte)'\n';
            SecretFile.Create(path, What, isSecret: true, text);
            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Overwrites the key. Idempotent.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    internal void Derive(ReadOnlySpan<byte> label, Span<byte> destination) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, destination, salt: [], label);

    private bool TryParse(ReadOnlySpan<byte> digits) =>
        digits.Length == TextBytes && Convert.FromHexString(digits, _key, out _, out _) == System.Buffers.OperationStatus.Done;
}
