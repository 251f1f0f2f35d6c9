using System.Buffers.Text;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Core.Keys;
using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>
/// Master key files of encrypted queues and maps, with keys that are wrapped for an ML-KEM-1024 key. A line with a wrapped key contains no
/// secret: only the private key, which is another file, opens it. The public key adds keys. See docs/guides/encryption.md. Thread-safe.
/// </summary>
/// <remarks>
/// A line is the id of the key, a blank, <c>ml-kem-1024:</c>, and 2,112 characters of base64: a ciphertext of 1,568 bytes and a check value
/// of 16 bytes. HKDF-SHA-256 derives the master key and the check value from the secret in the ciphertext, with the id as info.
/// </remarks>
public static class MasterKeyFile
{
    private const string NewSuffix = ".new";

    private static ReadOnlySpan<byte> Label => "estream master key 1 "u8;

    /// <summary>Reads the keys of a file. Each wrapped key costs one decapsulation.</summary>
    /// <param name="path">The master key file, of at most 160 KiB, which only its owner may access (mode 600 or 400).</param>
    /// <param name="privateKeyFile">The private key for which keys are wrapped, in the format of <see cref="MlKem1024KeyFile"/>, which
    /// only its owner may access. <see langword="null"/> if no key is wrapped, as in <see cref="QueueKeyRing.FromFile"/>.</param>
    /// <returns>The keys, which the caller disposes.</returns>
    /// <exception cref="EstreamKeyException">Other users may access the master key file, its content is not valid, or the private key does
    /// not belong to a key. The message names line and id, never a key.</exception>
    /// <exception cref="EstreamKeyFileException">The private key file does not contain an ML-KEM-1024 private key.</exception>
    /// <exception cref="EstreamStorageException">A file does not exist or may not be read, or other users may access the private key
    /// file.</exception>
    public static QueueKeyRing Read(string path, string? privateKeyFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (privateKeyFile is null)
        {
            return QueueKeyRing.FromFile(path);
        }

        using MlKem1024PrivateKey privateKey = MlKem1024KeyFile.ReadPrivate(privateKeyFile);
        return KeyRingFile.Read(Path.GetFullPath(path), privateKeyFile, (id, wrapped, key) => Unwrap(privateKey, id, wrapped, key));
    }

    /// <summary>Adds a new master key, wrapped for a public key, as the first and so the current key of a file. Creates the file with mode
    /// 600 if it does not exist. Needs no private key, and shows no other key. Replaces the file atomically and durably.</summary>
    /// <param name="path">The master key file, or a link to it. Its directory must exist; while the file is changed, PATH.new is there
    /// too.</param>
    /// <param name="id">The id of the new key: 1 to 32 ASCII letters, digits, '-', '_' or '.'.</param>
    /// <param name="publicKey">The public key.</param>
    /// <exception cref="ArgumentException">The id is not valid.</exception>
    /// <exception cref="EstreamKeyException">Other users may access the file, its content is not valid, it already has the id, is full, or
    /// is being changed.</exception>
    /// <exception cref="EstreamStorageException">The file cannot be read or written.</exception>
    public static void Add(string path, string id, MlKem1024PublicKey publicKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        MasterKeyId.Check(id);
        ArgumentNullException.ThrowIfNull(publicKey);
        string full = TargetOf(Path.GetFullPath(path));
        string next = full + NewSuffix;
        Lock(full, next);
        bool isMoved = false;
        byte[] text = Secret.Allocate<byte>(2 * (KeyRingFile.MaxBytes + 1));
        try
        {
            int length = Compose(full, id, publicKey, text);
            using (FileStream file = new(next, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(text, 0, length);
                file.Flush(flushToDisk: true);
            }

            File.Move(next, full, overwrite: true);
            isMoved = true;
            FileStorage.Instance.SyncDirectory(Path.GetDirectoryName(full)!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException(
                $"The key file '{full}' cannot be written: {failure.Message} Check the path and its owner.", full,
                failure is UnauthorizedAccessException ? StorageFailure.AccessDenied : StorageFailure.Other, failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            if (!isMoved)
            {
                File.Delete(next);
            }
        }
    }

    /// <summary>The file to replace: of a symbolic link, the file that it names.</summary>
    private static string TargetOf(string path)
    {
        if (new FileInfo(path).LinkTarget is null)
        {
            return path;
        }

        FileSystemInfo? target = null;
        try
        {
            target = File.ResolveLinkTarget(path, returnFinalTarget: true);
        }
        catch (IOException)
        {
            // The link leads to itself.
        }

        return target is { Exists: true } ? target.FullName : throw new EstreamStorageException(
            $"The key file '{path}' is a link to a file that does not exist. Check that its file system is mounted, or delete the link.",
            path, StorageFailure.NotFound);
    }

    // The new file is also the lock: a concurrent change finds this file and throws.
    private static void Lock(string path, string next)
    {
        try
        {
            SecretFile.Create(next, "new key file", isSecret: true, default);
        }
        catch (EstreamStorageException refused) when (File.Exists(next))
        {
            throw new EstreamKeyException(
                $"The key file '{path}' is being changed, or a change was interrupted: '{next}' exists. If no command runs, delete it.",
                path, keyId: null, refused);
        }
    }

    /// <summary>Writes the new content of a file: a new line, then the old content. Checks all of it.</summary>
    /// <returns>The length of the content, in bytes.</returns>
    private static int Compose(string path, string id, MlKem1024PublicKey publicKey, Span<byte> text)
    {
        int length = WriteLine(id, publicKey, text);
        length += File.Exists(path) ? KeyRingFile.Load(path, text.Slice(length, KeyRingFile.MaxBytes + 1)) : 0;
        if (length > KeyRingFile.MaxBytes)
        {
            throw new EstreamKeyException(
                $"The key file '{path}' would have more than {KeyRingFile.MaxBytes} bytes. Remove keys that no queue or map needs.", path);
        }

        // The new line is line 0, so errors name the lines of the old file.
        KeyRingFile.Parse(text[..length], path, privateKeyFile: null, static (_, _, _) => true, firstLine: 0).Dispose();
        return length;
    }

    private static int WriteLine(string id, MlKem1024PublicKey publicKey, Span<byte> destination)
    {
        Span<byte> wrapped = stackalloc byte[KeyRingFile.WrappedBytes];
        Span<byte> secret = stackalloc byte[MlKem1024.SharedSecretBytes];
        Span<byte> key = stackalloc byte[QueueKeyRing.KeyBytes];
        publicKey.Encapsulate(wrapped[..MlKem1024.CiphertextBytes], secret);
        Derive(secret, id, key, wrapped[MlKem1024.CiphertextBytes..]);
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(key);

        int length = System.Text.Encoding.ASCII.GetBytes(id, destination);
        destination[length++] = (byte)' ';
        KeyRingFile.WrappedPrefix.CopyTo(destination[length..]);
        length += KeyRingFile.WrappedPrefix.Length;
        _ = Base64.EncodeToUtf8(wrapped, destination[length..], out _, out int written);
        length += written;
        destination[length++] = (byte)'\n';
        return length;
    }

    private static bool Unwrap(MlKem1024PrivateKey privateKey, string id, ReadOnlySpan<byte> wrapped, Span<byte> key)
    {
        Span<byte> secret = stackalloc byte[MlKem1024.SharedSecretBytes];
        Span<byte> check = stackalloc byte[KeyRingFile.CheckBytes];
        privateKey.Decapsulate(wrapped[..MlKem1024.CiphertextBytes], secret);
        Derive(secret, id, key, check);
        CryptographicOperations.ZeroMemory(secret);
        return CryptographicOperations.FixedTimeEquals(check, wrapped[MlKem1024.CiphertextBytes..]);
    }

    private static void Derive(ReadOnlySpan<byte> secret, string id, Span<byte> key, Span<byte> check)
    {
        Span<byte> info = stackalloc byte[Label.Length + MasterKeyId.MaxLength];
        Span<byte> derived = stackalloc byte[QueueKeyRing.KeyBytes + KeyRingFile.CheckBytes];
        Label.CopyTo(info);
        int length = Label.Length + System.Text.Encoding.ASCII.GetBytes(id, info[Label.Length..]);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, derived, salt: [], info[..length]);
        derived[..key.Length].CopyTo(key);
        derived[key.Length..].CopyTo(check);
        CryptographicOperations.ZeroMemory(derived);
    }
}
