using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Registries.Git;

/// <summary>Runs Git with limits on its time and its output. Thread-safe.</summary>
/// <param name="options">The program and the limits.</param>
internal sealed class GitCommand(GitRegistryOptions options)
{
    private const int MaxErrorBytes = 64 << 10;
    private const int MaxShown = 1_000;

    // Disables everything that a repository or the environment could make Git run or open. Git never prompts for passwords.
    private static readonly string[] s_guards =
        ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never", "-c", "gc.auto=0"];

    /// <summary>Runs Git and throws if it fails.</summary>
    /// <param name="arguments">The arguments of Git.</param>
    /// <param name="maxBytes">The maximum size of its output in bytes.</param>
    /// <param name="cancellation">Cancels the call and kills Git.</param>
    /// <param name="input">The standard input; empty if null.</param>
    /// <param name="indexFile">The index file; a non-existent file if null.</param>
    /// <exception cref="EstreamRegistryException">Git failed.</exception>
    public async ValueTask<byte[]> RunAsync(IReadOnlyList<string> arguments, int maxBytes, CancellationToken cancellation,
        ReadOnlyMemory<byte>? input = null, string? indexFile = null)
    {
        GitAnswer answer = await TryRunAsync(arguments, maxBytes, cancellation, input, indexFile).ConfigureAwait(false);
        return Require(arguments, answer);
    }

    /// <summary>Runs a Git command that fetches data, and kills it if the data exceeds <see cref="GitRegistryOptions.MaxFetchBytes"/>. The
    /// whole cache directory is deleted in that case.</summary>
    /// <exception cref="EstreamContentException">The data exceeds the limit.</exception>
    /// <exception cref="EstreamRegistryException">Git failed.</exception>
    public async ValueTask FetchAsync(IReadOnlyList<string> arguments, int maxBytes, CancellationToken cancellation)
    {
        GitCache cache = new(options.CacheDirectory);
        long most = cache.Bytes() + options.MaxFetchBytes;
        using CancellationTokenSource full = new(), ended = new();
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, full.Token);
        Task watch = cache.WatchAsync(most, full, ended.Token);
        bool isTooMuch;
        try
        {
            _ = Require(arguments, await TryRunAsync(arguments, maxBytes, either.Token).ConfigureAwait(false));
            isTooMuch = cache.Bytes() > most;
        }
        catch (OperationCanceledException) when (full.IsCancellationRequested)
        {
            isTooMuch = true;
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(false);
        }

        if (isTooMuch)
        {
            cache.Clear();
            throw new EstreamContentException(
                $"A fetch from the registry git:{options.Remote} exceeds the limit of {options.MaxFetchBytes} bytes. Check the repository, "
                + "or raise MaxFetchBytes.", options.Remote);
        }
    }

    /// <summary>Runs Git and returns its exit code, also if it fails.</summary>
    public async ValueTask<GitAnswer> TryRunAsync(IReadOnlyList<string> arguments, int maxBytes, CancellationToken cancellation,
        ReadOnlyMemory<byte>? input = null, string? indexFile = null)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(options.Timeout);
        using Process process = Start(arguments, indexFile);
        try
        {
            Task<byte[]?> output = BoundedContent.ReadAsync(process.StandardOutput.BaseStream, maxBytes, end.Token).AsTask();
            Task<byte[]?> error = BoundedContent.ReadAsync(process.StandardError.BaseStream, MaxErrorBytes, end.Token).AsTask();
            await WriteAsync(process, input ?? ReadOnlyMemory<byte>.Empty, end.Token).ConfigureAwait(false);
            byte[]? read = await output.ConfigureAwait(false);
            if (read is null)
            {
                throw new EstreamContentException(
                    $"The output of git {arguments[0]} for the registry git:{options.Remote} exceeds {maxBytes} bytes.", options.Remote);
            }

            byte[] said = await error.ConfigureAwait(false) ?? [];
            await process.WaitForExitAsync(end.Token).ConfigureAwait(false);
            return new GitAnswer(process.ExitCode, read, Encoding.UTF8.GetString(said));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new EstreamRegistryException(RegistryFault.Unavailable,
                $"git {arguments[0]} for the registry git:{options.Remote} did not end within {options.Timeout.TotalSeconds:0} s. Try "
                + "again later.", options.Remote);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private byte[] Require(IReadOnlyList<string> arguments, GitAnswer answer) => answer.ExitCode == 0
        ? answer.Output
        : throw new EstreamRegistryException(
        RegistryFault.Unavailable,
        $"git {arguments[0]} for the registry git:{options.Remote} failed ({answer.ExitCode}): {Shown(answer.Error)} Check the address, "
        + "the network and your access rights.", options.Remote);

    // Git relays text of the remote. Replace control characters, because the message may go to a terminal.
    private static string Shown(string error)
    {
        string text = string.Concat(error.Trim().Select(character => char.IsControl(character) ? ' ' : character));
        return text.Length <= MaxShown ? text : text[..MaxShown] + "…";
    }

    private static async ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellation).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Git has already exited; its exit code says why.
        }
    }

    private Process Start(IReadOnlyList<string> arguments, string? indexFile)
    {
        ProcessStartInfo start = new(options.GitProgram, [.. s_guards, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string variable in start.Environment.Keys.Where(name =>
            name.StartsWith("GIT_", StringComparison.Ordinal) && name is not "GIT_SSH_COMMAND" and not "GIT_ASKPASS").ToArray())
        {
            // The environment may belong to another repository, as in a Git hook.
            start.Environment.Remove(variable);
        }

        start.Environment["GIT_DIR"] = options.CacheDirectory;
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_INDEX_FILE"] = indexFile ?? Path.Combine(options.CacheDirectory, "no-index");
        (start.Environment["GIT_AUTHOR_NAME"], start.Environment["GIT_AUTHOR_EMAIL"]) = (options.AuthorName, options.AuthorMail);
        (start.Environment["GIT_COMMITTER_NAME"], start.Environment["GIT_COMMITTER_EMAIL"]) = (options.AuthorName, options.AuthorMail);
        start.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
        }
        catch (Win32Exception missing)
        {
            throw new EstreamRegistryException(RegistryFault.Unavailable,
                $"The program '{options.GitProgram}' cannot be started: {missing.Message}. Install Git, or set its path.",
                options.GitProgram, missing);
        }
    }
}

/// <summary>The result of a Git call.</summary>
internal readonly record struct GitAnswer(int ExitCode, byte[] Output, string Error);
