using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Estream.Core;

namespace Estream.Marketplace.Governance;

/// <summary>A scanner that runs a program. <c>{package}</c> in its arguments is replaced by the path of the package. Exit code 0 means that
/// nothing was found, 1 that something was found; any other exit code is an error, not a pass. Thread-safe.</summary>
public sealed class ProgramScanner : IReleaseScanner
{
    /// <summary>The placeholder for the path of the package in <see cref="Command"/>.</summary>
    public const string PackageMark = "{package}";

    private const int Found = 1;
    private const int MaxSaid = 400;

    /// <summary>Creates a scanner.</summary>
    /// <param name="name">The name in decisions: 1 to 40 lower-case letters, digits and hyphens.</param>
    /// <param name="command">The program and its arguments, one of which is <see cref="PackageMark"/>. Runs without a shell.</param>
    /// <exception cref="ArgumentException">The name is not valid, or no argument is the placeholder.</exception>
    public ProgramScanner(string name, IReadOnlyList<string> command)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(command);
        if (name.Length > 40
            || !name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-'))
        {
            throw new ArgumentException($"'{name}' is not a scanner name. Use 1 to 40 lower-case letters, digits and hyphens.",
                nameof(name));
        }

        if (command.Count < 2 || !command.Skip(1).Contains(PackageMark, StringComparer.Ordinal))
        {
            throw new ArgumentException(
                $"The command of the scanner '{name}' does not have {PackageMark} as an argument. Add it, so that the package is scanned.",
                nameof(command));
        }

        (Name, Command) = (name, [.. command]);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string> Command { get; }

    /// <inheritdoc/>
    public async Task<string?> ScanAsync(ReadOnlyMemory<byte> package, CancellationToken cancellation)
    {
        string folder = Directory.CreateTempSubdirectory("estream-scan-").FullName;
        try
        {
            string path = Path.Combine(folder, "package.escx");
            await File.WriteAllBytesAsync(path, package, cancellation).ConfigureAwait(false);
            return await RunAsync(path, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<string?> RunAsync(string path, CancellationToken cancellation)
    {
        ProcessStartInfo start = new(Command[0], Command.Skip(1).Select(argument => argument == PackageMark ? path : argument))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = new() { StartInfo = start };
        try
        {
            _ = process.Start();
        }
        catch (Win32Exception missing)
        {
            throw new EstreamStorageException($"'{Command[0]}' cannot be run: {missing.Message}", Command[0], StorageFailure.NotFound,
                missing);
        }

        try
        {
            // Read both streams to the end, so that a full pipe cannot block the program.
            Task<string> said = process.StandardOutput.ReadToEndAsync(cancellation),
            errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            string text = Line(await said.ConfigureAwait(false) + " " + await errors.ConfigureAwait(false));
            return process.ExitCode switch
            {
                0 => null,
                Found => text.Length == 0 ? "it reported a finding without a description" : text,
                _ => throw new EstreamStorageException(
                    string.Create(CultureInfo.InvariantCulture, $"'{Command[0]}' exited with code {process.ExitCode}: {text}"), Command[0],
                    StorageFailure.Other),
            };
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Line(string text)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MaxSaid ? line : line[..MaxSaid] + "…";
    }
}

/// <summary>Scans a package before it is published, for example for viruses or secrets. A registry publishes only packages that pass all of
/// its scanners.</summary>
/// <remarks>Called by several threads concurrently. An exception or a timeout is not a pass.</remarks>
public interface IReleaseScanner
{
    /// <summary>The name of the scanner in decisions: lower-case letters, digits and hyphens.</summary>
    string Name { get; }

    /// <summary>Scans a package.</summary>
    /// <param name="package">The package's bytes.</param>
    /// <param name="cancellation">Cancelled when the time limit is reached.</param>
    /// <returns>A description of what was found; <see langword="null"/> if nothing was found.</returns>
    Task<string?> ScanAsync(ReadOnlyMemory<byte> package, CancellationToken cancellation);
}
