using Microsoft.Win32.SafeHandles;

namespace Estream.Crypto.Internal.OpenSsl;

/// <summary>An EVP_MD_CTX of libcrypto: the state of one signing or verification.</summary>
internal sealed class DigestContextHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Called by the marshalling code of <see cref="NativeMethods"/>.</summary>
    public DigestContextHandle()
        : base(ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMethods.FreeDigestContext(handle);
        return true;
    }
}
