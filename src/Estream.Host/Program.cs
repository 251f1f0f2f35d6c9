return await Estream.Host.HostProgram.RunAsync(args, Console.Out, Console.Error).ConfigureAwait(false);
