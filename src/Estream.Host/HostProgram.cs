using System.Net.Sockets;
using System.Runtime.InteropServices;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Host.Runtime;
using Estream.Wire;
using Microsoft.AspNetCore.Connections;

namespace Estream.Host;

/// <summary>Runs the process and returns its exit code. Errors that an operator can fix are one message without a stack trace.</summary>
internal static class HostProgram
{
    private const int Ended = 0;

    // The configuration that was checked is invalid, or the host ran and then failed.
    private const int Refused = 1;

    // An error of the configuration or of the environment prevented the start.
    private const int NotStarted = 2;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        bool isCheck = false;
        try
        {
            HostArguments arguments = HostArguments.Parse(args);
            if (arguments.ShowHelp)
            {
                await output.WriteLineAsync(HostArguments.Usage).ConfigureAwait(false);
                return Ended;
            }

            isCheck = arguments.CheckOnly;
            using LoadedConfiguration configuration =
                LoadedConfiguration.Load(arguments.ConfigFile, Environment.GetEnvironmentVariable);
            if (isCheck)
            {
                await output.WriteLineAsync($"{configuration.File.Source} is a valid configuration.").ConfigureAwait(false);
                return Ended;
            }

            if (await RunHostAsync(configuration).ConfigureAwait(false) is { } failure)
            {
                await error.WriteLineAsync(failure.Message).ConfigureAwait(false);
                return Refused;
            }

            return Ended;
        }
        catch (Exception e) when (e is ConfigurationErrorException or WireConfigurationException or EsfSchemaException)
        {
            await error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return isCheck && e is not ConfigurationErrorException { IsUnreadable: true } ? Refused : NotStarted;
        }
        catch (EstreamException e)
        {
            await error.WriteLineAsync(e is EstreamLeaseException lease ? InUse(lease) : e.Message).ConfigureAwait(false);
            return NotStarted;
        }
    }

    // The message of the exception is for developers, who can choose another mode of the appender.
    private static string InUse(EstreamLeaseException lease) =>
        $"{(lease.OwnerProcessId == 0 ? "Another process" : $"Process {lease.OwnerProcessId}")} already uses "
        + $"'{Path.GetDirectoryName(lease.Path)}', and only one host can write to a data folder. If that process is a host, stop it, or "
        + "set ESTREAM_DATA to another folder. If that process is another program, let the program append through this host.";

    /// <summary>Runs the host until it stops.</summary>
    /// <returns>The error that ended the running host; null after a requested stop.</returns>
    private static async Task<EstreamException?> RunHostAsync(LoadedConfiguration configuration)
    {
        EstreamSettings settings = configuration.Settings;
        WebApplication app = HostApplication.Build(configuration, Environment.GetEnvironmentVariable);
        await using (app.ConfigureAwait(false))
        {
            // Read the token now: after the run the services of the application are disposed.
            CancellationToken stopping = app.Lifetime.ApplicationStopping;
            HostState state = app.Services.GetRequiredService<HostState>();
            HostReload reload = app.Services.GetRequiredService<HostReload>();
            using PosixSignalRegistration? hangUp = OperatingSystem.IsWindows() ? null
                : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
                {
                    signal.Cancel = true;
                    _ = Task.Run(reload.RunOnSignalAsync);
                });
            try
            {
                await app.RunAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // A stop request during the start is a normal end.
            }
            catch (IOException e) when (e.InnerException is AddressInUseException)
            {
                bool isManagement = settings.Http.ManagementPort is { } management
                    && e.Message.Contains($":{management}:", StringComparison.Ordinal);
                throw new WireConnectionException(
                    isManagement
                        ? $"Port {settings.Http.ManagementPort} is in use, so health and metrics cannot be served there. Stop the other "
                            + "program, or set Estream:Http:Management:Port."
                        : $"Port {settings.Http.Port} of {settings.Http.Address} is in use, so the console cannot be served. Stop the "
                            + "other program, or set ESTREAM_HTTP_PORT.",
                    isTransient: true,
                    e);
            }
            catch (SocketException e)
            {
                throw new WireConnectionException(
                    $"Cannot listen on {settings.Http.Address}:{settings.Http.Port}: {e.Message}. Set Estream:Http:Address to an address "
                    + "of this machine, and Estream:Http:Port or ESTREAM_HTTP_PORT to a port that this user may use.",
                    isTransient: false,
                    e);
            }

            return state.Failure;
        }
    }
}
