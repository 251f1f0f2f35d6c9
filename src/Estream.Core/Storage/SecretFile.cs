using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core;

/// <summary>The result of reading a file with secrets.</summary>
public enum SecretFileOutcome
{
    /// <summary>The file was read.</summary>
    Read,

    /// <summary>Users other than its owner may access it.</summary>
    OthersMayUse,

    /// <summary>It is too long.</summary>
    TooLong,
}

/// <summary>Reads and creates files with secrets. Like ssh, it refuses files that users other than the owner may access.
/// Thread-safe.</summary>
public static class SecretFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite
            | UnixFileMode.OtherExecute;

    /// <summary>The mode of created files with secrets: 600.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Whether a mode gives access to the owner only.</summary>
    /// <param name="mode">The mode.</param>
    public static bool IsOwnerOnly(UnixFileMode mode) => (mode & Others) == 0;

    /// <summary>Reads a file into a buffer that the caller overwrites afterwards. On Windows, which has no modes, the mode is not
    /// checked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">Its name in messages, such as "key file".</param>
    /// <param name="isSecret">Whether only the owner may have access.</param>
    /// <param name="buffer">Receives the content. It must be one byte longer than the longest file: a file that fills it is too
    /// long.</param>
    /// <param name="length">Bytes read.</param>
    /// <param name="mode">The file's mode; none on Windows.</param>
    /// <exception cref="EstreamStorageException">The file does not exist, is not a file, or may not be read.</exception>
    public static SecretFileOutcome Read(string path, string what, bool isSecret, Span<byte> buffer, out int length, out UnixFileMode mode)
    {
        length = 0;
        try
        {
            FileKinds.ThrowIfSpecial(path);
            using SafeFileHandle file = File.OpenHandle(path);
            mode = OperatingSystem.IsWindows() || !isSecret ? UnixFileMode.None : File.GetUnixFileMode(file);
            if (!IsOwnerOnly(mode))
            {
                return SecretFileOutcome.OthersMayUse;
            }

            int read;
            while (length < buffer.Length && (read = RandomAccess.Read(file, buffer[length..], length)) > 0)
            {
                length += read;
            }

            return length < buffer.Length ? SecretFileOutcome.Read : SecretFileOutcome.TooLong;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            bool missing = refused is FileNotFoundException or DirectoryNotFoundException;
            throw new EstreamStorageException(
                $"The {what} '{path}' cannot be read: {(missing ? "it does not exist" : refused.Message)}. Check path and owner.", path,
                missing ? StorageFailure.NotFound : refused is UnauthorizedAccessException
                    ? StorageFailure.AccessDenied
                    : StorageFailure.Other, refused);
        }
    }

    /// <summary>Reads a secret text file in UTF-8.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">Its name in messages, such as "key file".</param>
    /// <param name="maxBytes">The maximum length in bytes.</param>
    /// <exception cref="EstreamStorageException">The file does not exist, cannot be read, is too long, or users other than its owner may
    /// access it.</exception>
    public static string ReadText(string path, string what, int maxBytes)
    {
        byte[] buffer = new byte[maxBytes + 1];
        try
        {
            SecretFileOutcome outcome = Read(path, what, isSecret: true, buffer, out int length, out UnixFileMode mode);
            return outcome switch
            {
                SecretFileOutcome.Read => Encoding.UTF8.GetString(buffer, 0, length),
                SecretFileOutcome.OthersMayUse => throw new EstreamStorageException(
                    $"Other users may use the {what} '{path}' (mode {Convert.ToString((int)mode, 8)}). Run: chmod 600 '{path}'. "
                    + "Replace the secret if another user may have read it.",
                    path, StorageFailure.AccessDenied),
                _ => throw new EstreamStorageException(
                    $"The {what} '{path}' has more than {maxBytes} bytes. Check the path.", path, StorageFailure.Other),
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>Creates a file durably. Removes it if it cannot be written completely.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">Its name in messages, such as "key file".</param>
    /// <param name="isSecret">Whether only its owner gets access (mode 600).</param>
    /// <param name="content">Its content.</param>
    /// <exception cref="EstreamStorageException">It exists already, or cannot be created.</exception>
    public static void Create(string path, string what, bool isSecret, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (isSecret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        bool isMade = false;
        try
        {
            using FileStream file = new(path, options);
            isMade = true;
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            bool isThere = !isMade && File.Exists(path);
            if (isMade)
            {
                File.Delete(path);
            }

            string reason = isThere ? "it already exists, and keys are never overwritten. Choose another name"
                : refused is DirectoryNotFoundException ? "its folder does not exist. Create the folder first"
                : refused.Message.TrimEnd('.');
            throw new EstreamStorageException(
                $"The {what} '{path}' cannot be created: {reason}.",
                path, refused is UnauthorizedAccessException ? StorageFailure.AccessDenied : StorageFailure.Other, refused);
        }
    }
}
