namespace Estream.Host.Configuration;

/// <summary>The command line of the host. Settings belong in the configuration file.</summary>
internal sealed record HostArguments(string? ConfigFile, bool CheckOnly, bool ShowHelp)
{
    public const string Usage = """
        usage: estream host run [--config FILE]
               estream host check [--config FILE]
               Estream.Host [--config FILE] [--check] [--help]

          --config FILE   Use this configuration file. Default: appsettings.json next to the program.
          --check         Check the configuration, report all errors, and exit.
          --help          Print this help.

        Environment: ESTREAM_HTTP_PORT, ESTREAM_MQTT_PORT and ESTREAM_DATA override the file.
        Set any other key in this form: Estream__Http__Address=127.0.0.1
        Exit codes: 0 normal end, 1 the checked configuration has errors or the running host failed, 2 the host could not start.
        Example: estream host run --config /etc/estream/estream.json
        """;

    /// <exception cref="ConfigurationErrorException">An argument is unknown or lacks its value.</exception>
    public static HostArguments Parse(ReadOnlySpan<string> args)
    {
        HostArguments result = new(null, false, false);
        for (int i = 0; i < args.Length; i++)
        {
            result = args[i] switch
            {
                "--config" when i + 1 < args.Length => result with { ConfigFile = args[++i] },
                "--config" => throw new ConfigurationErrorException("--config requires a file name.\n\n" + Usage),
                "--check" => result with { CheckOnly = true },
                "--help" or "-h" => result with { ShowHelp = true },
                _ => throw new ConfigurationErrorException($"{ScalarSchema.Quote(args[i])} is not an argument.\n\n{Usage}"),
            };
        }

        return result;
    }
}
