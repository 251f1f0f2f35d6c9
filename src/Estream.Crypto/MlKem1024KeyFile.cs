using System.Security.Cryptography;
using Estream.Core;
using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>
/// Reads and writes keys of ML-KEM-1024 as PEM files, compatible with OpenSSL 3.5: <c>PUBLIC KEY</c> holds a SubjectPublicKeyInfo,
/// <c>PRIVATE KEY</c> a PrivateKeyInfo (RFC 9935). Thread-safe.
/// </summary>
public static class MlKem1024KeyFile
{
    /// <summary>The maximum size of a key file, in bytes.</summary>
    public const int MaxBytes = 16 << 10;

    private static ReadOnlySpan<byte> PublicLabel => "PUBLIC KEY"u8;

    private static ReadOnlySpan<byte> PrivateLabel => "PRIVATE KEY"u8;

    /// <summary>Reads a public key.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EstreamKeyFileException">The file does not contain an ML-KEM-1024 public key.</exception>
    /// <exception cref="Core.EstreamStorageException">The file is missing, is too long, or may not be read.</exception>
    public static MlKem1024PublicKey ReadPublic(string path) =>
        Read(path, isPrivate: false, PublicLabel, MlKem1024PublicKey.ImportSubjectPublicKeyInfo);

    /// <summary>Reads a private key from a file that only its owner can access (mode 600 or 400). Overwrites the file's bytes in memory
    /// afterwards.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The key, which the caller disposes.</returns>
    /// <exception cref="EstreamKeyFileException">The file does not contain an ML-KEM-1024 private key.</exception>
    /// <exception cref="Core.EstreamStorageException">The file is missing, is too long, may not be read, or can be read or written by users
    /// other than its owner.</exception>
    public static MlKem1024PrivateKey ReadPrivate(string path) =>
        Read(path, isPrivate: true, PrivateLabel, MlKem1024PrivateKey.ImportPkcs8);

    /// <summary>Writes a public key to a file. Replaces an existing file atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="Core.EstreamStorageException">The file cannot be written.</exception>
    public static void WritePublic(string path, MlKem1024PublicKey key)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(key);
        byte[] structure = new byte[MlKem1024.SubjectPublicKeyInfoBytes];
        key.ExportSubjectPublicKeyInfo(structure);
        string beside = path + ".new";
        try
        {
            // A crash can leave the temporary file behind. Creating the file again would then fail, so delete it first.
            File.Delete(beside);
            KeyFile.CreatePem(beside, isPrivate: false, PublicLabel, structure);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new Core.EstreamStorageException(
                $"The key file '{path}' cannot be written: {refused.Message} Check the path and its owner.", path,
                refused is UnauthorizedAccessException ? Core.StorageFailure.AccessDenied : Core.StorageFailure.Other, refused);
        }
    }

    /// <summary>Writes a private key's seed to a new file of mode 600. Never overwrites a file, because data encrypted for an overwritten
    /// key could not be decrypted any more.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidOperationException">The key has no seed (<see cref="MlKem1024PrivateKey.HasSeed"/>).</exception>
    /// <exception cref="Core.EstreamStorageException">The file exists already, or cannot be written.</exception>
    public static void WritePrivate(string path, MlKem1024PrivateKey key)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(key);
        byte[] structure = Secret.Allocate<byte>(MlKem1024.Pkcs8SeedBytes);
        try
        {
            key.ExportPkcs8(structure);
            KeyFile.CreatePem(path, isPrivate: true, PrivateLabel, structure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(structure);
        }
    }

    private static TKey Read<TKey>(string path, bool isPrivate, ReadOnlySpan<byte> label, Func<ReadOnlySpan<byte>, TKey> import)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] text = Secret.Allocate<byte>(MaxBytes + 1);
        byte[] structure = Secret.Allocate<byte>(MaxBytes);
        try
        {
            int length = KeyFile.DecodePem(text.AsSpan(0, KeyFile.Read(path, isPrivate, text)), label, structure);
            return length >= 0
                ? import(structure.AsSpan(0, length))
                : throw new EstreamKeyFileException(
                    $"The key file '{path}' is not a PEM file with a {(isPrivate ? "private" : "public")} key. Create keys with "
                    + "'openssl genpkey -algorithm ML-KEM-1024', or write the key again.", path);
        }
        catch (EstreamInvalidKeyException refused)
        {
            throw new EstreamKeyFileException($"The key file '{path}' does not contain a usable key: {refused.Message}", path, refused);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(structure);
        }
    }
}

/// <summary>Thrown when a file does not contain a key of the requested kind. The message names the file but never quotes its
/// content.</summary>
public sealed class EstreamKeyFileException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with the file, and what to do.</param>
    /// <param name="path">The file.</param>
    /// <param name="innerException">The cause, if any.</param>
    public EstreamKeyFileException(string message, string? path, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
    }
}
