using System.Security.Cryptography;
using Estream.Core;
using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>
/// Keys of ML-KEM-1024 as PEM files, which OpenSSL 3.5 reads and writes too: <c>PUBLIC KEY</c> with a SubjectPublicKeyInfo, <c>PRIVATE
/// KEY</c> with a PrivateKeyInfo (RFC 9935). Thread-safe.
/// </summary>
public static class MlKem1024KeyFile
{
    /// <summary>The longest file that is read.</summary>
    public const int MaxBytes = 16 << 10;

    private static ReadOnlySpan<byte> PublicLabel => "PUBLIC KEY"u8;

    private static ReadOnlySpan<byte> PrivateLabel => "PRIVATE KEY"u8;

    /// <summary>Reads a public key.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EstreamKeyFileException">The file holds no public key of ML-KEM-1024.</exception>
    /// <exception cref="Core.EstreamStorageException">The file is missing, too long, or may not be read.</exception>
    public static MlKem1024PublicKey ReadPublic(string path) =>
        Read(path, isPrivate: false, PublicLabel, MlKem1024PublicKey.ImportSubjectPublicKeyInfo);

    /// <summary>Reads a private key from a file that nobody but its owner may use (mode 600 or 400). What was read is overwritten in
    /// memory.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The key, which the caller disposes.</returns>
    /// <exception cref="EstreamKeyFileException">The file holds no private key of ML-KEM-1024.</exception>
    /// <exception cref="Core.EstreamStorageException">The file is missing, too long, may not be read, or others may read or write
    /// it.</exception>
    public static MlKem1024PrivateKey ReadPrivate(string path) =>
        Read(path, isPrivate: true, PrivateLabel, MlKem1024PrivateKey.ImportPkcs8);

    /// <summary>Writes a public key as a new file, or in the place of another in one step.</summary>
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
            // One that was left behind by a kill would be in the way for ever.
            File.Delete(beside);
            KeyFile.CreatePem(beside, isPrivate: false, PublicLabel, structure);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new Core.EstreamStorageException(
                $"The key file '{path}' cannot be made: {refused.Message} Check path and owner.", path,
                refused is UnauthorizedAccessException ? Core.StorageFailure.AccessDenied : Core.StorageFailure.Other, refused);
        }
    }

    /// <summary>Writes a private key's seed as a new file of mode 600. Never overwrites a file: a key that is lost takes with it whatever
    /// was sealed for it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidOperationException">The key has no seed (<see cref="MlKem1024PrivateKey.HasSeed"/>).</exception>
    /// <exception cref="Core.EstreamStorageException">There is such a file already, or it cannot be written.</exception>
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
                    $"The key file '{path}' is no PEM file of a {(isPrivate ? "private" : "public")} key. Make keys with 'openssl genpkey "
                    + "-algorithm ML-KEM-1024', or write the key again.", path);
        }
        catch (EstreamInvalidKeyException refused)
        {
            throw new EstreamKeyFileException($"The key file '{path}' holds no key that can be used: {refused.Message}", path, refused);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(structure);
        }
    }
}

/// <summary>A key file holds no key of the kind that is asked for. The message names the file and never any of its content.</summary>
public sealed class EstreamKeyFileException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with the file, and what to do.</param>
    /// <param name="path">The file.</param>
    /// <param name="innerException">The cause, kept whole.</param>
    public EstreamKeyFileException(string message, string? path, Exception? innerException = null)
        : base(message, path, isTransient: false, innerException)
    {
    }
}
