using Microsoft.Win32.SafeHandles;

namespace Estream.Crypto.Internal.OpenSsl;

/// <summary>What libcrypto keeps of one signature while it is made or verified.</summary>
internal sealed class DigestContextHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Made by the declarations of <see cref="NativeMethods"/>.</summary>
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
