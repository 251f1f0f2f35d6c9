using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core;

/// <summary>What came of reading a file with secrets.</summary>
public enum SecretFileOutcome
{
    /// <summary>It was read.</summary>
    Read,

    /// <summary>Others than its owner may read or write it, so that it is no secret.</summary>
    OthersMayUse,

    /// <summary>It is longer than a file of its kind can be.</summary>
    TooLong,
}

/// <summary>Reads and makes files that hold secrets, as ssh does: only what nobody but its owner may use. Thread-safe.</summary>
public static class SecretFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite
            | UnixFileMode.OtherExecute;

    /// <summary>The mode that files with secrets are made with: 600.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Whether a mode lets nobody but the owner use a file.</summary>
    /// <param name="mode">The mode.</param>
    public static bool IsOwnerOnly(UnixFileMode mode) => (mode & Others) == 0;

    /// <summary>Reads a file into a buffer that the caller overwrites afterwards. On Windows, where there are no modes, access lists are
    /// the operator's business.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is called in messages, such as "key file".</param>
    /// <param name="isSecret">Whether nobody but its owner may be able to use it.</param>
    /// <param name="buffer">Takes the content. A file that fills it counts as too long, so it has one byte more than the longest
    /// file.</param>
    /// <param name="length">Bytes read.</param>
    /// <param name="mode">The file's mode; none on Windows.</param>
    /// <exception cref="EstreamStorageException">The file is missing, is none, or may not be read.</exception>
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
                $"The {what} '{path}' cannot be read: {(missing ? "it is not there" : refused.Message)}. Check path and owner.", path,
                missing ? StorageFailure.NotFound : refused is UnauthorizedAccessException
                    ? StorageFailure.AccessDenied
                    : StorageFailure.Other, refused);
        }
    }

    /// <summary>Reads a secret file in UTF-8 and refuses one that others than its owner may use.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is called in messages, such as "key file".</param>
    /// <param name="maxBytes">The most bytes it may have.</param>
    /// <exception cref="EstreamStorageException">The file is missing, cannot be read, is too long, or others may use it.</exception>
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
                    $"Others than its owner may use the {what} '{path}' (mode {Convert.ToString((int)mode, 8)}). Run: chmod 600 '{path}'. "
                    + "Replace the secret if somebody may have read it.",
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

    /// <summary>Makes a file that is not there yet, and has it on the device when it returns. What could not be written whole is
    /// removed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is called in messages, such as "key file".</param>
    /// <param name="isSecret">Whether it is made so that only its owner may use it (mode 600).</param>
    /// <param name="content">Its content.</param>
    /// <exception cref="EstreamStorageException">It is there already, or cannot be made.</exception>
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

            throw new EstreamStorageException(
                $"The {what} '{path}' cannot be made: "
                + $"{(isThere ? "it is there already, and keys are never overwritten. Choose another name" : refused.Message)}.",
                path, refused is UnauthorizedAccessException ? StorageFailure.AccessDenied : StorageFailure.Other, refused);
        }
    }
}
