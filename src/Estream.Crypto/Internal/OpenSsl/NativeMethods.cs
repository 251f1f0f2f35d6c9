using System.Runtime.InteropServices;

namespace Estream.Crypto.Internal.OpenSsl;

/// <summary>The calls into OpenSSL's libcrypto, all of them. Handles are held for the time of a call by what the compiler makes of these
/// declarations; memory by <see cref="EvpEd25519"/>.</summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>The library of OpenSSL 3, whichever minor version.</summary>
    public const string LibCrypto = "libcrypto.so.3";

    /// <summary>The least version that has all of these: 3.0.</summary>
    public const uint OldestVersion = 0x3000_0000;

    /// <summary>EVP_PKEY_ED25519.</summary>
    public const int KeyTypeEd25519 = 1087;

    /// <summary>What most calls answer where they have done it.</summary>
    public const int Done = 1;

    /// <summary>Takes nothing and gives a number.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "OpenSSL_version_num")]
    public static partial nuint Version();

    /// <summary>Works on the thread's own queue of errors, which libcrypto owns.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    /// <summary>The key is copied; the caller holds it for the call. Who is given the handle owns the EVP_PKEY.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    public static partial KeyHandle NewPrivateKey(int type, void* engine, byte* key, nuint length);

    /// <summary>The key is copied; the caller holds it for the call. Who is given the handle owns the EVP_PKEY.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    public static partial KeyHandle NewPublicKey(int type, void* engine, byte* key, nuint length);

    /// <summary>The caller holds what is written for the call.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_get_raw_private_key")]
    public static partial int ReadPrivateKey(KeyHandle key, byte* destination, nuint* length);

    /// <summary>The caller holds what is written for the call.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    public static partial int ReadPublicKey(KeyHandle key, byte* destination, nuint* length);

    /// <summary>Ends an EVP_PKEY and overwrites its secrets. Called by its handle alone, once nobody holds that.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_PKEY_free")]
    public static partial void FreeKey(nint key);

    /// <summary>Who is given the handle owns the EVP_MD_CTX.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_MD_CTX_new")]
    public static partial DigestContextHandle NewDigestContext();

    /// <summary>Ends an EVP_MD_CTX. Called by its handle alone, once nobody holds that.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_MD_CTX_free")]
    public static partial void FreeDigestContext(nint context);

    /// <summary>The context counts itself among the key's owners, so the key may be freed before it.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_DigestSignInit")]
    public static partial int BeginSigning(DigestContextHandle context, void** keyContext, void* digest, void* engine, KeyHandle key);

    /// <summary>The caller holds data, signature and length for the call.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_DigestSign")]
    public static partial int Sign(DigestContextHandle context, byte* signature, nuint* length, byte* data, nuint dataLength);

    /// <summary>The context counts itself among the key's owners, so the key may be freed before it.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_DigestVerifyInit")]
    public static partial int BeginVerifying(DigestContextHandle context, void** keyContext, void* digest, void* engine, KeyHandle key);

    /// <summary>The caller holds data and signature for the call.</summary>
    [LibraryImport(LibCrypto, EntryPoint = "EVP_DigestVerify")]
    public static partial int Verify(DigestContextHandle context, byte* signature, nuint length, byte* data, nuint dataLength);
}
