using System.Security.Cryptography;
using Estream.Core;
using Estream.Esf;

namespace Estream.Streams;

/// <summary>The key of a vault, 32 bytes, which lie in memory that is not moved. Disposing overwrites them.</summary>
/// <remarks>Thread-safe until it is disposed. Its file is 64 hexadecimal digits, and nobody but its owner may use it (mode 600 or
/// 400).</remarks>
public sealed class CardVaultKey : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int Bytes = 32;

    private const string What = "key file";
    private const int TextBytes = 2 * Bytes;
    private const int MaxFileBytes = 256;

    private readonly byte[] _key = GC.AllocateArray<byte>(Bytes, pinned: true);

    private CardVaultKey()
    {
    }

    /// <summary>Reads a key from its file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EsfKeyException">It is no key, or others than its owner may use it.</exception>
    /// <exception cref="EstreamStorageException">The file is missing or may not be read.</exception>
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
                    $"Others than its owner may use the key file '{path}' (mode {Convert.ToString((int)mode, 8)}). Make it 'chmod 600'; "
                    + "who has read it can read all cards of the vault.", path)
                : outcome == SecretFileOutcome.Read && key.TryParse(text.AsSpan(0, length).TrimEnd(" \r\n"u8))
                ? key
                : throw new EsfKeyException(
                    $"The key file '{path}' does not hold {TextBytes} hexadecimal digits. Check the path; 'estream key new --algorithm "
                    + "card-vault' makes a key.", path);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Makes a new key and writes it to a file of mode 600. Never overwrites a file: a key that is lost takes all cards with
    /// it.</summary>
    /// <param name="path">The file, which is not there yet.</param>
    /// <returns>The key.</returns>
    /// <exception cref="EstreamStorageException">There is such a file already, or it cannot be written.</exception>
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

    /// <summary>Overwrites it. Idempotent.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    internal void Derive(ReadOnlySpan<byte> label, Span<byte> destination) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, destination, salt: [], label);

    private bool TryParse(ReadOnlySpan<byte> digits) =>
        digits.Length == TextBytes && Convert.FromHexString(digits, _key, out _, out _) == System.Buffers.OperationStatus.Done;
}
