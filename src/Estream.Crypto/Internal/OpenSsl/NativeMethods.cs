using System.Runtime.InteropServices;

namespace Estream.Crypto.Internal.OpenSsl;

/// <summary>All calls into OpenSSL's libcrypto. The generated marshalling code keeps handles alive during a call; <see cref="EvpEd25519"/>
/// keeps memory pinned.</summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>The library of OpenSSL 3, any minor version.</summary>
    public const string LibCrypto = "libcrypto.so.3";

    /// <summary>The oldest version that has all of these functions: 3.0.</summary>
    public const uint OldestVersion = 0x3000_0000;

    /// <summary>EVP_PKEY_ED25519.</summary>
    public const int KeyTypeEd25519 = 1087;

    /// <summary>The value that most functions return on success.</summary>
    public const int Done = 1;

    /// <summary>Returns the version number of the library.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "OpenSSL_version_num")]
    public static partial nuint Version();

    /// <summary>Clears the calling thread's error queue, which libcrypto owns.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    /// <summary>Copies the key; the caller keeps it valid during the call. The returned handle owns the EVP_PKEY.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    public static partial KeyHandle NewPrivateKey(int type, void* engine, byte* key, nuint length);

    /// <summary>Copies the key; the caller keeps it valid during the call. The returned handle owns the EVP_PKEY.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    public static partial KeyHandle NewPublicKey(int type, void* engine, byte* key, nuint length);

    /// <summary>The caller keeps the destination valid during the call.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_get_raw_private_key")]
    public static partial int ReadPrivateKey(KeyHandle key, byte* destination, nuint* length);

    /// <summary>The caller keeps the destination valid during the call.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    public static partial int ReadPublicKey(KeyHandle key, byte* destination, nuint* length);

    /// <summary>Frees an EVP_PKEY and overwrites its secrets. Called only by its handle, when the handle has no more users.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_free")]
    public static partial void FreeKey(nint key);

    /// <summary>The returned handle owns the EVP_MD_CTX.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_MD_CTX_new")]
    public static partial DigestContextHandle NewDigestContext();

    /// <summary>Frees an EVP_MD_CTX. Called only by its handle, when the handle has no more users.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_MD_CTX_free")]
    public static partial void FreeDigestContext(nint context);

    /// <summary>The context holds a reference to the key, so the key may be freed before the context.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_DigestSignInit")]
    public static partial int BeginSigning(DigestContextHandle context, void** keyContext, void* digest, void* engine, KeyHandle key);

    /// <summary>The caller keeps data, signature and length valid during the call.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_DigestSign")]
    public static partial int Sign(DigestContextHandle context, byte* signature, nuint* length, byte* data, nuint dataLength);

    /// <summary>The context holds a reference to the key, so the key may be freed before the context.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_DigestVerifyInit")]
    public static partial int BeginVerifying(DigestContextHandle context, void** keyContext, void* digest, void* engine, KeyHandle key);

    /// <summary>The caller keeps data and signature valid during the call.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_DigestVerify")]
    public static partial int Verify(DigestContextHandle context, byte* signature, nuint length, byte* data, nuint dataLength);
}
