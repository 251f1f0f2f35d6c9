using Microsoft.Win32.SafeHandles;

namespace Estream.Crypto.Internal.OpenSsl;

/// <summary>A key of libcrypto. It is freed, and its secrets are overwritten, when the last call that uses it has ended.</summary>
internal sealed class KeyHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Made by the declarations of <see cref="NativeMethods"/>.</summary>
    public KeyHandle()
        : base(ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMethods.FreeKey(handle);
        return true;
    }
}
